package import Addressing
package import Exporters

/// One valid entry of `scan_configs`.
package struct Job: Hashable, Sendable {
  /// One range as it was written, and how many of its addresses are scanned.
  package struct RangeCount: Hashable, Sendable {
    package var text: String
    /// Without what is excluded; an address that stands in two ranges counts in both.
    package var addresses: UInt128
  }

  /// Letters, digits, `_`, `.` and `-`, not beginning with the last two: fit for a label and a file's name.
  package var name: String
  /// Every address of the ranges that is not excluded, with every port.
  package var endpoints: EndpointSet
  package var rangeCounts: [RangeCount]
  /// What is excluded, here or in `global`.
  package var exclude: [AddressSpan]
  package var scanInterval: Duration
  package var connectTimeout: Duration
  package var probeTimeout: Duration
  package var removeAfter: TimeLimit
  /// From 0 to 100; at 100 there are no holds.
  package var maxLossPercent: Int
  package var holdLimit: TimeLimit
  package var duplicates: Duplicates
  package var sweep: SweepChoice
  /// Whether a scan of the daemon is stretched over `scanInterval`.
  package var spread: Bool
  /// Those that are named, each once, in the order of the file; empty only where `listsAny`.
  package var exporters: [Exporter]
  /// Whether `any` is among them: whatever answers with an exposition is a target.
  package var listsAny: Bool
  package var scheme: SchemeChoice
  package var tls: TLSSettings
  package var credentials: Credentials?
  /// Addresses at which no printer can be, whatever the port.
  package var notPrinters: AddressSet
  /// As it is written: relative or absolute, ending in .yml, .yaml or .json.
  package var targetFile: String
  package var fileMode: UInt32
  /// The length of the IPv4 prefixes that targets are grouped by; IPv6 is grouped by /64.
  package var groupBy: Int
  package var labels: [String: String]
  /// Each once, in the order of `TargetLabel.allCases`.
  package var targetLabels: [TargetLabel]
}
