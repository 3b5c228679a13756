extension WebConfig {
  /// Reads a web config file.
  package init(readingFile path: String) throws(ConfigurationError) {
    try self.init(parsing: Reader.bytes(of: path), file: path)
  }

  /// Parses the text of a web config file, which may be empty; mistakes are placed in `file`.
  package init(parsing bytes: [UInt8], file: String) throws(ConfigurationError) {
    var reader = Reader(source: .file(file, nil))
    var config = WebConfig()
    try reader.parse(bytes, file: file) { reader, root in
      if let root { config = reader.webConfig(root) }
    }
    self = try reader.finish(config)
  }
}
