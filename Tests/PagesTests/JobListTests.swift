import Testing

@testable import Pages

/// The page of a daemon with many jobs.
@Suite struct JobLists {
  private func jobs(_ count: Int) throws -> [JobView] {
    try (0..<count).map { number in
      var job = try job("10.\(number / 250).\(number % 250).0/24", name: "job-\(number)")
      job.lastScan = LastScan(isComplete: true, sentence: "all well", endedAgo: .seconds(1), duration: .seconds(1))
      job.targets = [target("10.\(number / 250).\(number % 250).1")]
      return job
    }
  }

  private func page(_ jobs: [JobView], _ query: String = "") -> Markup {
    let wording = Wording(duration: { "\($0.components.seconds)s" }, time: { "T-\($0.components.seconds)" })
    return Markup(StatusPage(Overview(version: "1", summary: "", jobs: jobs, wording: wording), PageQuery(query)).html)
  }

  /// The names of the jobs that are listed, which link to their pages.
  private func listed(_ page: Markup) -> [String] {
    page.all("a").filter { $0.attributes["href"] == "?job=\($0.text)" }.map(\.text)
  }

  @Test func twentyJobsHaveTheirMapsAndMoreAreListed() throws {
    #expect(page(try jobs(20)).all("figure").count == 20)
    let many = page(try jobs(21))
    #expect(many.all("figure").isEmpty)
    #expect(listed(many) == (0..<21).map { "job-\($0)" })
    #expect(many.faults == [])
  }

  @Test func thoseToLookAtComeFirst() throws {
    var jobs = try jobs(100)
    jobs[90].targets[0].state = .silent
    jobs[80].lastScan?.isComplete = false
    jobs[70].faults = ["its file cannot be replaced"]
    jobs[60].holds = [HoldView(sentence: "9 of 10 are silent", since: .zero, release: "subnet-sd release job-60")]
    let page = page(jobs)
    #expect(listed(page).prefix(6) == ["job-60", "job-70", "job-80", "job-90", "job-0", "job-1"])
    #expect(listed(page).count == 50)
    #expect(page.text.contains("100 jobs, first those with faults"))
    #expect(page.text.contains("Shown are 1 to 50."))
    #expect(page.all("strong").contains { $0.text == "its file cannot be replaced" })
  }

  @Test func theListHasPages() throws {
    let second = page(try jobs(100), "jobs=2")
    #expect(listed(second) == (50..<100).map { "job-\($0)" })
    #expect(second.all("a").contains { $0.text == "Previous (1)" && $0.attributes["href"] == "?#jobs" })
    #expect(listed(page(try jobs(100), "jobs=99")) == listed(second))
    let first = page(try jobs(100), "q=job-7")
    #expect(first.all("a").contains { $0.text == "Next (2)" && $0.attributes["href"] == "?q=job-7&jobs=2#jobs" })
  }

  @Test func aJobThatIsAskedForIsShownWithItsMaps() throws {
    let page = page(try jobs(100), "job=job-42")
    #expect(page.all("figure").count == 1)
    #expect(page.all("a").contains { $0.text == "All jobs" && $0.attributes["href"] == "?" })
    #expect(page.all("input").contains { $0.attributes["name"] == "job" && $0.attributes["value"] == "job-42" })
    #expect(page.text.contains("1 of 100 targets"))
  }

  /// All are in trouble, and speak at length of it.
  @Test func aThousandJobsAreLessThanHalfAMebibyte() throws {
    var jobs = try jobs(1_000)
    for index in jobs.indices { jobs[index].faults = [String(repeating: "x", count: 1_000)] }
    let page = page(jobs)
    #expect(page.bytes < 1 << 19)
    #expect(page.text.contains("and 950 jobs more"))
    #expect(page.faults == [])
  }
}
