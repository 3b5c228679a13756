import Glibc

/// Processor seconds of this process so far.
func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The most memory it has had, in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1_024
}

struct Stopwatch {
  private var begin = processorSeconds()

  /// Processor seconds since the last lap.
  mutating func lap() -> Double {
    let now = processorSeconds()
    defer { begin = now }
    return now - begin
  }
}

struct Failure: Error {}

/// Nanoseconds of processor time that one unit of some work takes, run after run.
struct Measurement {
  let name: String
  /// What the nanoseconds are for.
  let unit: String
  let nanoseconds: [Double]

  /// A run repeats `body`, which does `units` of the work, until a quarter of a second is over; the first warms up.
  ///
  /// What `body` returns keeps the compiler from leaving its work out.
  init(_ name: String, per unit: String, units: Int = 1, runs: Int, _ body: () throws -> Int) rethrows {
    (self.name, self.unit) = (name, unit)
    var nanoseconds: [Double] = []
    var kept = 0
    for _ in 0...runs {
      var watch = Stopwatch()
      var (repetitions, seconds) = (0, 0.0)
      while seconds < 0.25 {
        kept &+= try body()
        repetitions += 1
        seconds += watch.lap()
      }
      nanoseconds.append(seconds * 1e9 / Double(repetitions * units))
    }
    precondition(kept != 0, "\(name) did nothing")
    self.nanoseconds = Array(nanoseconds.dropFirst())
  }

  var json: String {
    "{\"name\": \"\(name)\", \"unit\": \"\(unit)\", \"nanoseconds\": \(nanoseconds)}"
  }
}
