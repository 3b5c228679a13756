import Addressing
import Systemd
import Testing

private func set(_ ranges: String...) throws -> AddressSet {
  AddressSet(try ranges.flatMap { try AddressRange($0).all })
}

@Suite struct AddressFilters {
  @Test func dropsWhatIsDeniedAndNotAllowed() throws {
    let filter = AddressFilter(allowed: try set("10.0.0.0/8", "fc00::/7"), denied: try set("0.0.0.0/0", "::/0"))
    #expect(filter.dropped(of: try set("10.0.0.0/24", "fd00:1::/120")).isEmpty)
    let mixed = try set("9.255.255.0-10.0.0.9", "11.0.0.0/30", "2001:db8::/126")
    #expect(
      filter.dropped(of: mixed).spans.map(\.description) == [
        "9.255.255.0-9.255.255.255", "11.0.0.0-11.0.0.3", "2001:db8::-2001:db8::3",
      ])
  }

  @Test func dropsNothingWhereNothingIsDenied() throws {
    let filter = AddressFilter(allowed: AddressSet(), denied: AddressSet())
    #expect(filter.dropped(of: try set("0.0.0.0/0", "::/0")).isEmpty)
  }

  @Test func dropsAllWhereAllIsDenied() throws {
    let filter = AddressFilter(allowed: AddressSet(), denied: try set("0.0.0.0/0"))
    #expect(filter.dropped(of: try set("0.0.0.0/0", "::1")) == (try set("0.0.0.0/0")))
  }

  @Test func passesWhatIsBothAllowedAndDenied() throws {
    let filter = AddressFilter(allowed: try set("10.1.0.0/16"), denied: try set("10.1.2.0/24", "10.2.0.0/24"))
    #expect(filter.dropped(of: try set("10.0.0.0/8")) == (try set("10.2.0.0/24")))
  }
}
