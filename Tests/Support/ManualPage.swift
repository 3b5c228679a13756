internal import Foundation

/// A page of packaging/man, as far as tests compare it with the program: the items of its lists and its examples.
package struct ManualPage {
  /// What stands between one `.It` and the next of its list.
  package struct Item {
    /// The title of the section, and of the subsection where there is one.
    package let section: String
    package let subsection: String
    /// What stands behind `.It`, macros among it.
    package let words: [String]
    /// The lines below, without what is nested in them.
    package fileprivate(set) var lines: [String] = []

    /// Each word that stands behind this macro.
    package func words(_ macro: String) -> [String] {
      zip(words, words.dropFirst()).filter { $0.0 == macro }.map(\.1)
    }

    package var text: String { lines.joined(separator: "\n") }
  }

  package private(set) var items: [Item] = []
  /// The displays that are set as they are.
  package private(set) var examples: [String] = []

  /// Reads `packaging/man/NAME`.
  package init(_ name: String) throws {
    let source = try SourceTree.text(of: "packaging/man/\(name)")
    var (section, subsection) = ("", "")
    // The place in `items` of the item at which each list is, the innermost last.
    var lists: [Int?] = []
    var example: [String]?
    for line in source.split(separator: "\n").map(String.init) {
      var words = line.split(separator: " ").map(String.init)
      let macro = words.removeFirst()
      let rest = words.joined(separator: " ")
      switch macro {
      case ".Ed":
        if let example { examples.append(example.map { $0 + "\n" }.joined()) }
        example = nil
      case _ where example != nil: example?.append(line.replacing("\\e", with: "\\"))
      case ".Bd": example = []
      case ".Sh": (section, subsection) = (rest, "")
      case ".Ss": subsection = rest
      case ".Bl": lists.append(nil)
      case ".El": lists.removeLast()
      case ".It":
        lists[lists.count - 1] = items.count
        items.append(Item(section: section, subsection: subsection, words: words))
      default: if case let index?? = lists.last { items[index].lines.append(line) }
      }
    }
  }

  /// What stands behind this macro at the beginning of the items of a section, in their order.
  package func names(_ macro: String, in section: String) -> [String] {
    items.filter { $0.section == section }.flatMap { $0.words(macro) }
  }
}
