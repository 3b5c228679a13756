import Addressing
import Logging
import Support
import Systemd
import Testing

@testable import Daemon

private let text = "scan_configs: [{job_name: node, ranges: [127.0.0.8/29], ports: [9]}]"

private func filter(denying last: ClosedRange<UInt32>?) -> AddressFilter {
  let span = last.map { AddressSpan(first: .v4(0x7F00_0000 + $0.lowerBound), last: .v4(0x7F00_0000 + $0.upperBound)) }
  return AddressFilter(allowed: AddressSet(), denied: AddressSet(span.map { [$0] } ?? []))
}

@Suite struct WhatTheServiceManagerDrops {
  @Test func isToldOnceForEachSetOfAddressesAndWhenItIsOver() async throws {
    try await withDaemon(text, every: .seconds(3_600)) { daemon in
      let told = { daemon.heard.entries.count { $0.fields["SUBNET_SD_EVENT"] == "range_blocked" } }
      for _ in 0..<2 { daemon.post.yield(.filtered(filter(denying: 0...9))) }
      let warning = await daemon.heard.log(
        "job 'node': IPAddressDeny= of the unit denies 127.0.0.9, 1 address, so that they look dead; ")
      #expect(warning?.level == .warning)
      #expect(warning?.fields["SUBNET_SD_JOB"] == "node")
      daemon.post.yield(.filtered(filter(denying: 12...99)))
      await daemon.heard.log("job 'node': IPAddressDeny= of the unit denies 127.0.0.12-127.0.0.14, 3 addresses,")
      #expect(told() == 2)
      daemon.post.yield(.filtered(filter(denying: nil)))
      await daemon.heard.log("job 'node': the service manager denies none of its addresses any more")
      daemon.post.yield(.filtered(filter(denying: nil)))
    }
  }

  @Test func isNotToldWhereNothingIsDropped() async throws {
    let heard = try await withDaemon(text, every: .seconds(3_600)) { daemon in
      await daemon.heard.log("job 'node': 0 targets; ")
      daemon.post.yield(.filtered(filter(denying: 100...200)))
    }
    #expect(heard.entries.filter { $0.message.contains("IPAddressDeny") } == [])
  }
}
