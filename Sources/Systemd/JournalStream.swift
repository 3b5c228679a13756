internal import Glibc

/// Whether standard error goes to the journal, as the service manager says in `$JOURNAL_STREAM` (systemd.exec(5)).
///
/// Only then are entries sent natively: a daemon whose stderr was sent elsewhere is meant to write there.
package enum JournalStream {
  package static var isStandardError: Bool {
    guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
    return unsafe matches(String(cString: value), device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Compares with `DEVICE:INODE`, both decimal.
  static func matches(_ value: String, device: UInt64, inode: UInt64) -> Bool {
    value == "\(device):\(inode)"
  }
}
