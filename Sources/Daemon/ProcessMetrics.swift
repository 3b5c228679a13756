internal import Exposition
internal import Files
internal import Glibc
internal import Inventory

/// What Prometheus' client libraries tell of a process (`process_*`).
enum ProcessMetrics {
  /// What cannot be read is left out.
  static func families(start: WallTime) -> [MetricFamily] {
    var families = [
      MetricFamily(
        "process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.",
        Double(start.milliseconds) / 1_000),
      MetricFamily(
        "process_cpu_seconds_total", .counter, "Processor time used, by the program and by the kernel for it.",
        cpuSeconds),
    ]
    if let (size, resident) = memory {
      families += [
        MetricFamily("process_virtual_memory_bytes", .gauge, "Address space, in bytes.", size),
        MetricFamily("process_resident_memory_bytes", .gauge, "Memory in use, in bytes.", resident),
      ]
    }
    if let count = openDescriptors {
      families.append(MetricFamily("process_open_fds", .gauge, "Open file descriptors.", count))
    }
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      families.append(
        MetricFamily("process_max_fds", .gauge, "How many file descriptors may be open.", Double(limit.rlim_cur)))
    }
    return families
  }

  private static var cpuSeconds: Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Bytes of address space and of memory (proc_pid_statm(5)).
  private static var memory: (size: Double, resident: Double)? {
    let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let length = unsafe read(descriptor, &bytes, bytes.count)
    let pages = bytes.prefix(max(0, length)).split(separator: UInt8(ascii: " ")).prefix(2).compactMap {
      Double(String(decoding: $0, as: UTF8.self))
    }
    let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
    return pages.count == 2 ? (pages[0] * pageSize, pages[1] * pageSize) : nil
  }

  private static var openDescriptors: Double? {
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // Without `.`, `..`, and the descriptor of the directory itself.
    return Double(max(0, count - 3))
  }
}
