/// Every port of every address of a job: what one scan contacts, never held in memory one by one.
package struct EndpointSet: Hashable, Sendable {
  package let addresses: AddressSet
  /// Ascending, each once.
  package let ports: [UInt16]
  package let count: UInt64

  /// Fails where there are more than 2^62 endpoints.
  package init?(addresses: AddressSet, ports: [UInt16]) {
    let unique = Set(ports).sorted()
    let product = addresses.count.multipliedReportingOverflow(by: UInt128(unique.count))
    guard !product.overflow, product.partialValue <= 1 << 62 else { return nil }
    self.addresses = addresses
    self.ports = unique
    count = UInt64(product.partialValue)
  }

  package func contains(_ endpoint: Endpoint) -> Bool {
    ports.contains(endpoint.port) && addresses.contains(endpoint.address)
  }

  /// The endpoint at `index`, which must be below `count`.
  package subscript(index: UInt64) -> Endpoint {
    let (offset, port) = index.quotientAndRemainder(dividingBy: UInt64(ports.count))
    return Endpoint(address: addresses[UInt128(offset)], port: ports[Int(port)])
  }

  /// Where the endpoint stands: `self[index]` is the endpoint; nil where the set does not hold it.
  package func index(of endpoint: Endpoint) -> UInt64? {
    guard let port = ports.firstIndex(of: endpoint.port), let offset = addresses.offset(of: endpoint.address) else {
      return nil
    }
    return UInt64(offset) * UInt64(ports.count) + UInt64(port)
  }

  /// Whether there are any of this family.
  package func has(isIPv6: Bool) -> Bool {
    guard count > 0 else { return false }
    return isIPv6 ? self[count - 1].address.bitWidth == 128 : self[0].address.bitWidth == 32
  }

  /// All endpoints once, in the order of `seed`: neighbours in the range are far apart in time.
  package func shuffled(seed: UInt64) -> ShuffledEndpoints {
    ShuffledEndpoints(endpoints: self, order: Permutation(count: count, seed: seed))
  }
}

/// One pass over an endpoint set in a seeded order, in constant memory.
package struct ShuffledEndpoints: Sequence, IteratorProtocol, Sendable {
  private let endpoints: EndpointSet
  private let order: Permutation
  private var index: UInt64 = 0

  fileprivate init(endpoints: EndpointSet, order: Permutation) {
    self.endpoints = endpoints
    self.order = order
  }

  package mutating func next() -> Endpoint? {
    guard index < order.count else { return nil }
    defer { index += 1 }
    return endpoints[order[index]]
  }
}
