import Testing

@testable import Web

@Suite struct RouteTests {
  @Test(arguments: [
    ("/", Route.status), ("/metrics", .metrics), ("/sd", .targetGroups(job: nil)),
    ("/sd/node", .targetGroups(job: "node")),
    ("/sd/a%2Fb%20c", .targetGroups(job: "a/b c")), ("/sd/%C3%A4", .targetGroups(job: "ä")),
    ("/api/v1/targets", .inventory), ("/-/healthy", .healthy), ("/-/ready", .ready), ("/-/reload", .reload),
  ])
  func knowsItsPaths(path: String, route: Route) { #expect(Route(path: path) == route) }

  @Test(arguments: [
    "", "*", "//", "/sd/", "/sd/%", "/sd/%4", "/sd/%zz", "/sd/%FF", "/metrics/", "/Metrics", "http://a/",
  ])
  func knowsNoOther(path: String) { #expect(Route(path: path) == nil) }
}
