internal import Glibc

extension Location {
  /// Refuses what a replacement would stumble over.
  package borrowing func check() throws(FileError) {
    guard name.utf8.count <= Self.maxNameLength else {
      throw .failed(.create, path: path, errno: ENAMETOOLONG)
    }
    _ = try openDirectory()
    try attempt(.checkDirectory) { () throws(Errno) in try calls.checkWritable(directory.number) }
    guard try inspect() != nil else { return }
    let file = try open()
    let isMounted = Self.mount(of: file) != Self.mount(of: directory)
    guard !isMounted else { throw .failed(.rename, path: path, errno: EBUSY) }
  }

  /// Sets the mode of the file if this process may; the bytes are what counts.
  package borrowing func changeMode(to mode: UInt32) {
    guard let file = try? open() else { return }
    try? calls.changeMode(file.number, mode)
  }

  /// The identity of the mount that an open file is on (proc_pid_fdinfo(5)); nil without /proc.
  ///
  /// A file whose mount is not its directory's is mounted by itself and cannot be renamed over.
  private static func mount(of file: borrowing Descriptor) -> Substring? {
    let path = "/proc/self/fdinfo/\(file.number)"
    guard let number = try? FileCalls.system.open(AT_FDCWD, path, []) else { return nil }
    let info = Descriptor(owning: number)
    guard let bytes = try? FileCalls.system.read(info.number, 4096) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
  }
}
