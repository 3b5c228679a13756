internal import Glibc

extension Location {
  /// Refuses what a replacement would stumble over.
  borrowing func check() throws(PublishingError) {
    guard name.utf8.count <= Self.maxNameLength else {
      throw .failed(.create, path: path, errno: ENAMETOOLONG)
    }
    let (number, calls) = (directory.number, calls)
    try attempt(.checkDirectory) { () throws(Errno) in try calls.checkWritable(number) }
    if try inspect() != nil, Self.mount(of: try open().number) != Self.mount(of: number) {
      throw .failed(.rename, path: path, errno: EBUSY)
    }
  }

  /// Sets the mode of the file if this process may; the bytes are what counts.
  borrowing func changeMode(to mode: UInt32) {
    guard let file = try? open() else { return }
    try? calls.changeMode(file.number, mode)
  }

  /// The identity of the mount that an open file is on (proc_pid_fdinfo(5)); nil without /proc.
  ///
  /// A file whose mount is not its directory's is mounted by itself and cannot be renamed over.
  private static func mount(of descriptor: Int32) -> Substring? {
    guard let file = try? FileCalls.system.open(AT_FDCWD, "/proc/self/fdinfo/\(descriptor)") else {
      return nil
    }
    let owner = Descriptor(file)
    guard let bytes = try? FileCalls.system.read(owner.number, 4096) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
  }
}
