import Publishing
import Support
import Testing

struct LeftoversTests {
  @Test
  func removesOnlyItsOwnTemporaryFiles() throws {
    let directory = try TemporaryDirectory()
    let leftovers = [".sd.yml.aZ09xy.tmp", ".sd.yml.000000.tmp"]
    let others = [
      "sd.yml", ".sd.yml", ".sd.yml.tmp", ".sd.yml.abcde.tmp", ".sd.yml.abcdefg.tmp", ".sd.yml.abc.ef.tmp",
      ".sd.yml.abc-ef.tmp", ".sd.yml.abcdéf.tmp", ".sd.yml.abcdef.tmp.yml", ".sd.yml.abcdef.TMP",
      "sd.yml.abcdef.tmp", "x.sd.yml.abcdef.tmp", ".other.yml.abcdef.tmp", ".sd-yml.abcdef.tmp",
      ".a.sd.yml.abcdef.tmp",
    ]
    for name in leftovers + others { try directory.write("x", to: name) }
    try directory.make(".sd.yml.dirdir.tmp")
    try directory.link(".sd.yml.linked.tmp", to: "sd.yml")
    try Samples.file(directory.path(of: "sd.yml")).removeLeftovers()
    #expect(try directory.names() == (others + [".sd.yml.dirdir.tmp", ".sd.yml.linked.tmp"]).sorted())
    #expect(try directory.openDescriptors.isEmpty)
  }

  @Test
  func looksWhereTheLinkLeads() throws {
    let directory = try TemporaryDirectory()
    try directory.make("real")
    try directory.link("sd.yml", to: "real/other.yml")
    for name in [".sd.yml.abcdef.tmp", "real/.other.yml.abcdef.tmp"] { try directory.write("x", to: name) }
    try Samples.file(directory.path(of: "sd.yml")).removeLeftovers()
    #expect(try directory.names() == [".sd.yml.abcdef.tmp", "real", "sd.yml"])
    #expect(try directory.names(in: "real") == [])
  }

  @Test
  func mindsNoMissingDirectory() throws {
    let directory = try TemporaryDirectory()
    try Samples.file(directory.path(of: "missing/sd.yml")).removeLeftovers()
    #expect(try directory.names() == [])
  }
}

/// Of many files in one directory.
struct LeftoversOfManyTests {
  @Test
  func removesThoseOfAllFiles() throws {
    let directory = try TemporaryDirectory()
    try directory.make("more")
    let leftovers = [".a.yml.aZ09xy.tmp", ".b.yml.000000.tmp", "more/.c.yml.abcdef.tmp"]
    for name in leftovers + [".d.yml.abcdef.tmp", "a.yml"] { try directory.write("x", to: name) }
    let files = ["a.yml", "b.yml", "more/c.yml", "missing/d.yml"].map { directory.path(of: $0) }
    TargetFile.removeLeftovers(of: try files.map { try Samples.file($0) })
    #expect(try directory.names() == [".d.yml.abcdef.tmp", "a.yml", "more"])
    #expect(try directory.names(in: "more") == [])
    #expect(try directory.openDescriptors.isEmpty)
  }
}
