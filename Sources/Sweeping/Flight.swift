internal import Addressing

/// A number for one flight that no later flight in the same place shares.
struct FlightID: Hashable {
  fileprivate let slot: UInt32
  fileprivate let generation: UInt32

  /// As epoll carries it.
  var bits: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

  init(bits: UInt64) {
    slot = UInt32(truncatingIfNeeded: bits)
    generation = UInt32(truncatingIfNeeded: bits >> 32)
  }

  fileprivate init(slot: Int, generation: UInt32) {
    self.slot = UInt32(truncatingIfNeeded: slot)
    self.generation = generation
  }
}

/// One connection attempt, from `socket()` until it failed or the prober is done with the connection.
struct Flight {
  enum State {
    case connecting(descriptor: Int32)
    /// Open and handed on: the descriptor is no longer ours.
    case handedOn
  }

  var state: State
  let endpoint: Endpoint
  /// How many attempts this endpoint had before in this sweep.
  let earlierTries: Int
  let owner: Owner

  /// Whom the attempt is made for.
  enum Owner {
    case sweep(ActiveSweep)
    case knock(Knock)
  }
}

/// All connections in flight, in slots that are used again, so that nothing is allocated for an attempt.
struct FlightTable {
  private var slots: [(generation: UInt32, flight: Flight?)] = []
  private var free: [Int] = []
  private(set) var count = 0

  mutating func insert(_ flight: Flight) -> FlightID {
    count += 1
    guard let slot = free.popLast() else {
      slots.append((generation: 0, flight: flight))
      return FlightID(slot: slots.count - 1, generation: 0)
    }
    slots[slot].flight = flight
    return FlightID(slot: slot, generation: slots[slot].generation)
  }

  /// The flight with this number, nil if it has landed.
  subscript(id: FlightID) -> Flight? {
    let slot = Int(id.slot)
    guard slot < slots.count, slots[slot].generation == id.generation else { return nil }
    return slots[slot].flight
  }

  mutating func update(_ id: FlightID, to state: Flight.State) {
    guard self[id] != nil else { return }
    slots[Int(id.slot)].flight?.state = state
  }

  mutating func remove(_ id: FlightID) {
    guard self[id] != nil else { return }
    let slot = Int(id.slot)
    slots[slot] = (generation: slots[slot].generation &+ 1, flight: nil)
    free.append(slot)
    count -= 1
  }

  /// Every knock that nothing came of yet.
  var knocks: [(id: FlightID, knock: Knock, descriptor: Int32)] {
    slots.enumerated().compactMap { slot, entry in
      guard let flight = entry.flight, case .knock(let knock) = flight.owner,
        case .connecting(let descriptor) = flight.state
      else { return nil }
      return (FlightID(slot: slot, generation: entry.generation), knock, descriptor)
    }
  }

  /// Every flight of one sweep.
  func flights(of sweep: ActiveSweep) -> [(id: FlightID, flight: Flight)] {
    slots.enumerated().compactMap { slot, entry in
      guard let flight = entry.flight, case .sweep(let owner) = flight.owner, owner === sweep else { return nil }
      return (FlightID(slot: slot, generation: entry.generation), flight)
    }
  }
}
