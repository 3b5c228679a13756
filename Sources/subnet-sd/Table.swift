/// Rows of text in aligned columns.
struct Table {
  private let header: [String]
  private var rows: [[String]] = []

  init(_ header: String...) {
    self.header = header
  }

  /// Lines of cells with tabs between them, the columns' names first; a line with more cells or fewer is left out.
  init(rows bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map { line in
      line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    header = lines.first ?? []
    rows = lines.dropFirst().filter { [header] in $0.count == header.count }
  }

  mutating func append(_ cells: String...) { rows.append(cells) }

  var isEmpty: Bool { rows.isEmpty }

  /// The lines, two blanks between columns and none at the end; the header is bold where `isColoured`.
  func text(isColoured: Bool) -> String {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([header] + rows).enumerated().map { number, row in
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return number == 0 && isColoured ? "\u{1B}[1m\(line)\u{1B}[0m" : line
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
