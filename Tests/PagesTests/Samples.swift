import Addressing
import Pages

/// An overview whose times are as long ago as they say: `12s`, at `T-12`.
func overview(
  _ jobs: JobView..., summary: String = "nothing to say", faults: [String] = []
) -> Overview {
  let wording = Wording(duration: { "\($0.components.seconds)s" }, time: { "T-\($0.components.seconds)" })
  return Overview(version: "1.2.3", summary: summary, faults: faults, jobs: jobs, wording: wording)
}

func addresses(_ ranges: String...) throws -> AddressSet {
  AddressSet(try ranges.flatMap { try AddressRange($0).all })
}

func job(_ ranges: String..., name: String = "node") throws -> JobView {
  let addresses = AddressSet(try ranges.flatMap { try AddressRange($0).all })
  return JobView(name: name, addresses: addresses, interval: .seconds(60), nextScan: .seconds(42))
}

/// Parses an endpoint as a test writes it; port 9100 where it has none.
func endpoint(_ text: String) -> Endpoint {
  Endpoint(text) ?? Endpoint(address: Address(text) ?? .v4(0), port: 9100)
}

func target(
  _ text: String, _ state: TargetView.State = .up, exporter: String = "node_exporter", version: String? = nil,
  nodename: String? = nil, known: Int = 1, silent: Int? = nil, reason: String? = nil, duplicateOf: String? = nil
) -> TargetView {
  TargetView(
    endpoint: endpoint(text), state: state, exporter: exporter, version: version, nodename: nodename,
    firstSeen: .seconds(known), silentSince: silent.map { .seconds($0) }, reason: reason,
    duplicateOf: duplicateOf.map(endpoint))
}

func refused(_ text: String, _ verdict: String = "printer", reason: String = "it prints") -> RefusedView {
  RefusedView(endpoint: endpoint(text), verdict: verdict, reason: reason)
}

func page(_ overview: Overview, _ query: String = "") -> Markup {
  Markup(StatusPage(overview, PageQuery(query)).html)
}
