internal import Addressing

/// What is known of an address's host name.
package enum Answer: Hashable, Sendable {
  /// A name that resolves back to the address.
  case name(String)
  /// There is no such name, or it is not fit to be shown, or it does not resolve back.
  case none
  /// The resolver failed, or was not asked because it had failed too often; what was known before still holds.
  case unknown
}

extension Answer {
  /// Asks for the name of `address`, and believes it only where the name's addresses contain this one: who owns the
  /// reverse zone may write any name there.
  init(
    confirming address: Address, reverse: (Address) throws(LookupFailure) -> [UInt8],
    forward: (HostName, Address) throws(LookupFailure) -> [Address]
  ) {
    do throws(LookupFailure) {
      guard let name = HostName(try reverse(address)), try forward(name, address).contains(address) else {
        self = .none
        return
      }
      self = .name(name.text)
    } catch {
      switch error {
      case .noSuchName: self = .none
      case .noAnswer: self = .unknown
      }
    }
  }
}

/// Why a lookup gives nothing.
enum LookupFailure: Error, Hashable {
  /// The DNS was heard, and it has none.
  case noSuchName
  /// Nothing was heard that could be relied on.
  case noAnswer
}
