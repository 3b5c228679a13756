// micro-benchmark pieces RUNS FIXTURES CONFIGURATION    the pieces of a scan, a line of JSON each
// micro-benchmark after-scan TARGETS DIRECTORY          what follows a scan, one line of JSON

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("pieces", 4):
  guard let runs = Int(arguments[2]), runs > 0 else { throw Failure() }
  try measurePieces(runs: runs, fixtures: arguments[3], configuration: arguments[4])
case ("after-scan", 3):
  guard let count = UInt32(arguments[2]) else { throw Failure() }
  print(try measureAfterScan(count, in: arguments[3]))
default: throw Failure()
}
