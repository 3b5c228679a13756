import Glibc
import Testing

/// The events in a directory that make Prometheus read its files again, and those that it ignores.
package struct DirectoryEvents: ~Copyable {
  private let descriptor: Int32

  package init(_ path: String) throws {
    descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    // As fsnotify, the library of Prometheus, watches; without IN_ATTRIB, which it ignores.
    let mask = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_MODIFY | IN_MOVE_SELF | IN_DELETE | IN_DELETE_SELF
    try #require(unsafe inotify_add_watch(descriptor, path, UInt32(mask)) >= 0)
  }

  deinit {
    close(descriptor)
  }

  /// The names of the files that saw an event since the last call.
  package func names() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let length = unsafe read(descriptor, &buffer, buffer.count)
    var names: [String] = []
    var offset = 0
    // inotify(7): four numbers of 32 bits, the last of them the length of the name that follows.
    while offset + 16 <= length {
      let nameLength = buffer[offset + 12..<offset + 16].reversed().reduce(0) { $0 << 8 | Int($1) }
      let name = buffer[offset + 16..<offset + 16 + nameLength].prefix { $0 != 0 }
      names.append(String(decoding: name, as: UTF8.self))
      offset += 16 + nameLength
    }
    return names
  }
}
