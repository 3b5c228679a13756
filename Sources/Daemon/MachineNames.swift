internal import Files
internal import Glibc

/// The names that this machine has by its own account, without a question to the DNS.
enum MachineNames {
  /// Those of now. What cannot be read adds none.
  static func read() -> [String] {
    var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return [] }
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return names(of: host, hosts: text(of: "/etc/hosts"), resolver: text(of: "/etc/resolv.conf"))
  }

  /// The host name with and without its domain: what /etc/hosts calls the machine (hosts(5)), and the name in each domain
  /// that the resolver searches (resolv.conf(5)).
  static func names(of host: String, hosts: String, resolver: String) -> [String] {
    let host = host.lowercased()
    guard let short = host.split(separator: ".").first.map(String.init) else { return [] }
    var names: Set = [host, short]
    for words in lines(of: hosts).map({ $0.dropFirst() }) where words.contains(host) || words.contains(short) {
      names.formUnion(words)
    }
    for words in lines(of: resolver) where ["domain", "search"].contains(words.first) {
      names.formUnion(words.dropFirst().map { "\(short).\($0.drop { $0 == "." })" })
    }
    return names.sorted()
  }

  /// The words of each line, in lower case and without its comment.
  private static func lines(of text: String) -> [[String]] {
    text.lowercased().split(whereSeparator: \.isNewline).map { line in
      line.prefix { $0 != "#" && $0 != ";" }.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }

  /// Longer ones are no such files of one machine.
  private static let maxBytes: Int64 = 1 << 20

  private static func text(of path: String) -> String {
    guard let file = try? Location(of: path, .system).read(atMost: maxBytes) else { return "" }
    return String(decoding: file.bytes, as: UTF8.self)
  }
}
