import Publishing
import Testing

struct TargetFileTests {
  @Test(arguments: ["sd", "sd.txt", "sd.Yml", "sd.yml.tmp", "", "sd\0.yml"])
  func refusesNamesThatPrometheusDoesNotRead(path: String) {
    #expect(TargetFile(path: path, job: "node", mode: 0o644) == nil)
  }
}
