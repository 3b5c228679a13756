internal import Files
internal import Inventory

/// What the daemon knows of its own inventory file: when it has to be written again.
struct Store {
  /// What of the inventory is in the file.
  struct Mark: Equatable {
    var revisions: [Int: Int]
    var targetFiles: [String]
    var retired: [StoredInventory.RetiredFile]
    var refusals: Int
  }

  let file: InventoryFile
  /// Target files that are kept no longer, and not emptied yet.
  var retired: [StoredInventory.RetiredFile] = []
  /// What is wrong with them, as it was last logged, by their paths.
  var faultOfRetired: [String: String] = [:]
  private(set) var fault: String?
  /// How long the file may go unwritten, nil for as long as nothing changes. While something is silent its clock is written
  /// down now and then, so that a crash sets it back by little.
  var restAtMost: Duration?
  private var mark: Mark?
  private var savedAt: Moment?

  init(path: String) {
    file = InventoryFile(path: path)
  }

  /// How far the wall clock may move before what is written down is written anew.
  private static let maxClockStep: Int64 = 10_000

  /// Whether the file does not say what is known.
  func isOutdated(_ new: Mark, at now: Moment) -> Bool { mark != new || isOld(at: now) }

  /// Whether the file says what is known of a job, and of what is left alone; takes the same time however many jobs
  /// there are.
  func isCurrent(_ job: JobState, refusals: Int, at now: Moment) -> Bool {
    knows(job) && mark?.refusals == refusals && mark?.retired == retired && !isOld(at: now)
  }

  /// Whether the file has all that is known of a job's targets.
  func knows(_ job: JobState) -> Bool { mark?.revisions[job.id] == job.inventory.revision }

  /// Whether the file is to be written anew although nothing has changed.
  private func isOld(at now: Moment) -> Bool {
    guard let savedAt, file.isThere else { return true }
    let step = savedAt.wallTime(of: now.instant).milliseconds - now.wall.milliseconds
    if step.magnitude > Self.maxClockStep.magnitude { return true }
    return restAtMost.map { now.instant - savedAt.instant >= $0 } ?? false
  }

  /// Returns what is to be told: a fault or an end of one, each once.
  mutating func save(_ stored: StoredInventory, _ new: Mark, at now: Moment) -> Change {
    let before = fault
    do throws(FileError) {
      let unsynced = try file.save(stored, at: now)
      fault = unsynced.map { "\($0); a power cut now may bring back the previous inventory" }
      // What is not sure to be on the disk is written again the next time.
      (mark, savedAt) = (unsynced == nil ? new : nil, now)
    } catch {
      fault = "the inventory is not stored: \(error)"
    }
    guard fault != before else { return .none }
    return fault.map(Change.fault) ?? .recovery
  }

  /// Whatever the file says, the next time it is written.
  mutating func forceNext() { mark = nil }

  enum Change: Equatable {
    case none
    case fault(String)
    case recovery
  }
}
