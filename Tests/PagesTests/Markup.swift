/// HTML as a browser would read it, strictly: what a page says, and what is wrong with its form.
struct Markup {
  struct Element {
    let name: String
    let attributes: [String: String]
    /// The text in it, without that of `<style>`.
    fileprivate(set) var text = ""
  }

  let bytes: Int
  private(set) var elements: [Element] = []
  /// Tags that do not match, attributes without quotes, characters that should be escaped, ids that are there twice.
  private(set) var faults: [String] = []
  private var open: [Int] = []
  private var rest: Substring.UTF8View

  private static let empty: Set = ["meta", "link", "input", "br"]

  init(_ html: [UInt8]) {
    bytes = html.count
    let text = String(decoding: html, as: UTF8.self)
    rest = text[...].utf8
    if !skip("<!doctype html>\n") { faults.append("there is no doctype") }
    while !rest.isEmpty {
      if rest.first == UInt8(ascii: "<") { readTag() } else { readText() }
    }
    if !open.isEmpty { faults.append("<\(elements[open[0]].name)> is not closed") }
    let ids = elements.compactMap { $0.attributes["id"] }
    if Set(ids).count != ids.count { faults.append("an id is there twice") }
  }

  /// All that is to be read.
  var text: String { elements.first?.text ?? "" }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }
  func with(_ attribute: String) -> [Element] { elements.filter { $0.attributes[attribute] != nil } }

  private mutating func readText() {
    add(decoded(read { $0 != UInt8(ascii: "<") }[...]))
  }

  private mutating func add(_ text: String) {
    for index in open { elements[index].text += text }
  }

  private mutating func readTag() {
    if skip("</") {
      let name = read { $0 != UInt8(ascii: ">") }
      if open.isEmpty || elements[open.removeLast()].name != name { faults.append("</\(name)> closes nothing") }
      if !skip(">") { faults.append("</\(name) has no end") }
      return
    }
    _ = skip("<")
    let name = read(while: \.isOfName)
    if name.isEmpty { faults.append("a < stands for itself") }
    var attributes: [String: String] = [:]
    while skip(" ") {
      let attribute = read(while: \.isOfName)
      if attributes[attribute] != nil { faults.append("\(attribute) is there twice") }
      guard skip("=") else {
        attributes[attribute] = ""
        continue
      }
      if !skip("\"") { faults.append("the value of \(attribute) is not quoted") }
      attributes[attribute] = decoded(read { $0 != UInt8(ascii: "\"") }[...])
      _ = skip("\"")
    }
    if !skip(">") {
      faults.append("<\(name) has no end: \(Substring(rest.prefix(20)))")
      rest = ""[...].utf8
    }
    elements.append(Element(name: name, attributes: attributes))
    if name == "style" {
      _ = read { $0 != UInt8(ascii: "<") }
      if !skip("</style>") { faults.append("<style> has a < in it") }
    } else if !Self.empty.contains(name) {
      open.append(elements.count - 1)
    }
  }

  private mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  private mutating func read(while isIn: (UInt8) -> Bool) -> String {
    let part = rest.prefix(while: isIn)
    rest = rest[part.endIndex...]
    return String(Substring(part))
  }

  private mutating func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(where: { "&<>".utf8.contains($0) }) else { return String(text) }
    let parts = text.split(separator: "&", omittingEmptySubsequences: false)
    var decoded = String(parts[0])
    for part in parts.dropFirst() {
      let names = ["amp;": "&", "lt;": "<", "gt;": ">", "quot;": "\"", "#39;": "'"]
      if let (name, character) = names.first(where: { part.hasPrefix($0.key) }) {
        decoded += character + part.dropFirst(name.count)
      } else {
        faults.append("a & stands for itself: \(part.prefix(20))")
      }
    }
    if parts.contains(where: { $0.contains("<") || $0.contains(">") }) { faults.append("a < or > stands for itself") }
    return decoded
  }
}

extension UInt8 {
  fileprivate var isOfName: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
      || self == UInt8(ascii: "-")
  }
}
