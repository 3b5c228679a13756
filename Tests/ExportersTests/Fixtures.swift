import Exporters
import Exposition
import Glibc
import Testing

private let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"

/// What an exporter answers to its `request`, shortened.
func fixture(_ name: String) throws -> [UInt8] {
  let file = unsafe try #require(fopen("\(folder)/\(name).txt", "r"), "\(name).txt is missing")
  defer { unsafe fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = unsafe fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}

/// The lines of a text, each without its line feed.
func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
  text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
}

/// What all of `lines` say, read on when there is no more to learn.
func recognise(
  _ lines: [ArraySlice<UInt8>], wanting wanted: [String] = [], in catalogue: Catalogue = .builtIn
) -> Identity? {
  var recognition = Recognition(Search(catalogue, for: wanted))
  for line in lines { _ = recognition.read(line) }
  return recognition.identity
}

func recognise(_ text: [UInt8], wanting wanted: [String] = [], in catalogue: Catalogue = .builtIn) -> Identity? {
  recognise(lines(of: text), wanting: wanted, in: catalogue)
}
