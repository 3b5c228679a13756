internal import Dispatch
internal import Glibc

/// Serves the operators that connect, several at a time: bounded in connections, bytes and time.
///
/// Only its serial queue touches its state, but for `init` and `end`, which hand over to that queue.
final class Reception: @unchecked Sendable {
  /// What operators may cost.
  struct Bounds {
    var visits = 16
    /// Replies that are made or taken: each may be large.
    var replies = 4
    /// Bytes of requests that are not whole yet.
    var input = 4 << 20
    /// Who has said nothing for this long makes room.
    var graceTime = Duration.milliseconds(50)
    /// Who takes nothing of a reply for this long is let go.
    var stallTime = Duration.seconds(5)
    /// Without descriptors the next attempt to accept waits for this long.
    var pause = Duration.milliseconds(200)
  }

  private let queue = DispatchQueue(label: "control")
  private let listener: Int32
  private let timeout: Duration
  private let answer: ControlSocket.Answer
  private let bounds: Bounds
  private let source: any DispatchSourceRead
  private let timer: any DispatchSourceTimer
  private var visits: [Int: Visit] = [:]
  /// Those whose descriptors are still about to be closed.
  private var leaving: [Int: Visit] = [:]
  private var nextID = 0
  private var isAccepting = true
  private var pauseEnd: ContinuousClock.Instant?
  private var isEnded = false

  /// Takes over a listening socket that does not block.
  init(_ listener: Int32, timeout: Duration, _ bounds: Bounds = Bounds(), _ answer: @escaping ControlSocket.Answer) {
    (self.listener, self.timeout, self.bounds, self.answer) = (listener, timeout, bounds, answer)
    source = DispatchSource.makeReadSource(fileDescriptor: listener, queue: queue)
    timer = DispatchSource.makeTimerSource(queue: queue)
    source.setEventHandler { @Sendable [weak self] in self?.accept() }
    source.setCancelHandler { @Sendable in close(listener) }
    timer.setEventHandler { @Sendable [weak self] in self?.review() }
    timer.schedule(deadline: .distantFuture)
    timer.activate()
    source.activate()
  }

  /// No new connection is taken; the ones that are open are served to their end.
  func end() {
    queue.async { @Sendable [self] in
      isEnded = true
      if !isAccepting { source.resume() }
      isAccepting = true
      source.cancel()
    }
  }

  // MARK: Coming

  private func accept() {
    guard !isEnded, makeRoom() else { return review() }
    let number = Glibc.accept(listener, nil, nil)
    guard number >= 0 else {
      // Who knocks goes on knocking: without descriptors it would be tried again and again.
      if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseEnd = .now + bounds.pause }
      return review()
    }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    let id = nextID
    nextID += 1
    let visit = Visit(id, number, until: .now + timeout, on: queue) { [self] in read(id) }
    visits[id] = visit
    visit.activate { [self] in letGo(id) }
    guard visit.user != nil else { return end(id) }
    read(id)
    review()
  }

  /// Returns whether there is a place for one more; the connection that was idle for longest may have to leave for it.
  private func makeRoom() -> Bool {
    guard visits.count >= bounds.visits else { return true }
    let idle = visits.values.filter { $0.phase == .reading && $0.begin + bounds.graceTime <= .now }
    guard let longest = idle.min(by: { $0.begin < $1.begin }) else { return false }
    end(longest.id)
    return true
  }

  // MARK: Being served

  private func read(_ id: Int) {
    guard let visit = visits[id] else { return }
    switch visit.read(atMost: ControlSocket.maxRequest) {
    case .more: boundInput()
    case .over: end(id)
    case .line(let line):
      guard let request = ControlRequest(line: line) else {
        return send(ControlReply(isDone: false, messages: ["the daemon does not know this request"]), to: id)
      }
      visit.enqueue(request)
      visit.deadline = .now + timeout
      askNext()
    }
  }

  /// The one that has said most without an end is let go where all together say too much.
  private func boundInput() {
    guard visits.values.reduce(0, { $0 + $1.input.count }) > bounds.input else { return }
    if let longest = visits.values.max(by: { $0.input.count < $1.input.count }) { end(longest.id) }
  }

  /// Asks the daemon for as many as may have a reply now, the longest there first.
  private func askNext() {
    for visit in visits.values.sorted(by: { $0.id < $1.id }) {
      guard visits.values.count(where: { [.waiting, .writing].contains($0.phase) }) < bounds.replies else { return }
      guard case .queued(let request) = visit.phase, let user = visit.user else { continue }
      visit.wait()
      visit.deadline = .now + timeout
      answer(request, user) { [self, id = visit.id] reply in
        queue.async { @Sendable [self] in send(reply, to: id) }
      }
    }
  }

  private func send(_ reply: ControlReply, to id: Int) {
    guard let visit = visits[id], visit.phase == .waiting || visit.phase == .reading else { return }
    visit.send(reply.bytes(), on: queue, onWritable: { [self] in write(id) }, onCancel: { [self] in letGo(id) })
    visit.deadline = .now + min(timeout, bounds.stallTime)
    write(id)
    review()
  }

  private func write(_ id: Int) {
    guard let visit = visits[id] else { return }
    guard let count = visit.write() else { return end(id) }
    if count > 0 { visit.deadline = .now + min(timeout, bounds.stallTime) }
  }

  // MARK: Going

  private func end(_ id: Int) {
    guard let visit = visits.removeValue(forKey: id) else { return }
    if !visit.end() { leaving[id] = visit }
    askNext()
    review()
  }

  private func letGo(_ id: Int) {
    let visit = visits[id] ?? leaving[id]
    guard visit?.letGo() == true else { return }
    leaving[id] = nil
  }

  /// Lets those go whose time is over, accepts others where there is room, and sets the timer for what comes next.
  private func review() {
    let now = ContinuousClock.now
    // In turn: one that ends lets the next have its reply, and more time for it.
    for visit in visits.values.sorted(by: { $0.id < $1.id }) where visit.deadline <= now { end(visit.id) }
    if let end = pauseEnd, end <= now { pauseEnd = nil }
    var dues = visits.values.map(\.deadline)
    let isFull = visits.count >= bounds.visits
    let graces = visits.values.filter { $0.phase == .reading }.map { $0.begin + bounds.graceTime }
    if isFull { dues += graces.filter { $0 > now } }
    let hasVictim = graces.contains { $0 <= now }
    setAccepting(pauseEnd == nil && (!isFull || hasVictim))
    if let pauseEnd { dues.append(pauseEnd) }
    guard let next = dues.min() else { return timer.schedule(deadline: .distantFuture) }
    let wait = max(1, Int(((next - now) / .milliseconds(1)).rounded(.up)))
    timer.schedule(deadline: .now() + .milliseconds(wait), leeway: .milliseconds(1))
  }

  private func setAccepting(_ isWanted: Bool) {
    guard !isEnded, isWanted != isAccepting else { return }
    isAccepting = isWanted
    if isWanted { source.resume() } else { source.suspend() }
  }
}
