internal import CSystemd
package import Addressing
internal import Glibc

/// Which addresses the kernel lets a unit talk to, as `IPAddressAllow=` and `IPAddressDeny=` say (systemd.resource-control(5)).
///
/// What is denied is dropped without a word: a connection attempt to it ends as one to a machine that is off.
package struct AddressFilter: Hashable, Sendable {
  package var allowed: AddressSet
  package var denied: AddressSet

  package init(allowed: AddressSet, denied: AddressSet) {
    self.allowed = allowed
    self.denied = denied
  }

  /// Those of `addresses` that cannot be reached: an address that is both allowed and denied can.
  package func dropped(of addresses: AddressSet) -> AddressSet {
    addresses.intersection(denied).subtracting(allowed)
  }

  /// What the system's service manager says of the unit that this process is part of; nil where it is not asked over
  /// D-Bus, or is in no unit of a kind that has this. What slices add is not looked at.
  ///
  /// Waits for the answers, each for 5 s at most once there is a connection: not for a thread that others wait for.
  package static func ofOwnUnit() -> AddressFilter? {
    var connection: OpaquePointer?
    guard unsafe sd_bus_open_system(&connection) >= 0, let bus = unsafe connection else { return nil }
    defer { unsafe _ = sd_bus_flush_close_unref(bus) }
    unsafe sd_bus_set_method_call_timeout(bus, 5_000_000)
    guard let allowed = unsafe addresses("IPAddressAllow", bus), let denied = unsafe addresses("IPAddressDeny", bus)
    else { return nil }
    return AddressFilter(allowed: allowed, denied: denied)
  }

  /// A property of org.freedesktop.systemd1(5) of the type `a(iayu)`: family, address and length of each prefix.
  private static func addresses(_ property: String, _ bus: OpaquePointer) -> AddressSet? {
    var answer: OpaquePointer?
    let status = unsafe sd_bus_get_property(
      bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1/unit/self", "org.freedesktop.systemd1.Service",
      property, nil, &answer, "a(iayu)")
    guard status >= 0, let message = unsafe answer else { return nil }
    defer { unsafe _ = sd_bus_message_unref(message) }
    guard unsafe sd_bus_message_enter_container(message, array, "(iayu)") > 0 else { return nil }
    var spans: [AddressSpan] = []
    while true {
      let isEntered = unsafe sd_bus_message_enter_container(message, structure, "iayu")
      guard isEntered != 0 else { return AddressSet(spans) }
      guard isEntered > 0, let prefix = unsafe prefix(message), unsafe sd_bus_message_exit_container(message) >= 0
      else { return nil }
      spans.append(AddressSpan(prefix))
    }
  }

  private static func prefix(_ message: OpaquePointer) -> Prefix? {
    var family: Int32 = 0
    var length: UInt32 = 0
    var bytes: UnsafeRawPointer?
    var count = 0
    guard unsafe sd_bus_message_read_basic(message, number, &family) > 0,
      unsafe sd_bus_message_read_array(message, byte, &bytes, &count) > 0,
      unsafe sd_bus_message_read_basic(message, unsigned, &length) > 0
    else { return nil }
    let value = unsafe UnsafeRawBufferPointer(start: bytes, count: count).reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
    switch (family, count) {
    case (AF_INET, 4) where length <= 32: return Prefix(containing: .v4(UInt32(value)), length: Int(length))
    case (AF_INET6, 16) where length <= 128: return Prefix(containing: .v6(value), length: Int(length))
    default: return nil
    }
  }

  // The type codes of D-Bus, of which sd-bus makes an enum of C that is not of one sign everywhere.
  private static let array = CChar(UInt8(ascii: "a"))
  private static let structure = CChar(UInt8(ascii: "r"))
  private static let number = CChar(UInt8(ascii: "i"))
  private static let unsigned = CChar(UInt8(ascii: "u"))
  private static let byte = CChar(UInt8(ascii: "y"))
}
