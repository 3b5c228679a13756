internal import Glibc
internal import Inventory

extension Moment {
  /// This moment, as the system's clocks tell it.
  static func now() -> Moment {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    let wall = WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    return Moment(instant: .now, wall: wall)
  }
}

extension WallTime {
  /// As RFC 3339 writes it, in UTC and to the second.
  var text: String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = unsafe tm()
    guard unsafe gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds)" }
    var bytes = [CChar](repeating: 0, count: 64)
    let length = unsafe strftime(&bytes, bytes.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: bytes.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
