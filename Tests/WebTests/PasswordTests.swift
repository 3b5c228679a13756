import Foundation
import Synchronization
import Testing

@testable import Web

extension Passwords {
  fileprivate func check(_ user: String, _ password: String, _ users: [String: String]) async -> Verdict {
    let header = "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
    return await withCheckedContinuation { continuation in
      check(header, users) { continuation.resume(returning: $0) }
    }
  }
}

/// Hashes of `secret` at the lowest cost, by htpasswd and crypt(3).
private let hashes = [
  "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
]

@Suite(.timeLimit(.minutes(5))) struct PasswordTests {
  @Test func readsCredentials() throws {
    let read = { (text: String) in
      Passwords.credentials(text).map { [$0.user, $0.password] }
    }
    #expect(read("Basic dXNlcjpwYXNzOndvcmQ=") == ["user", "pass:word"])
    #expect(read("basic  dXNlcjo=") == ["user", ""])
    for wrong in [
      "", "Basic", "Basic !", "Basic dXNlcg==", "Bearer dXNlcjpwYXNz", "Basic dXNlcjpw AA", "Basic /zo=", "Basic OgA6",
    ] {
      #expect(read(wrong) == nil, "\(wrong)")
    }
  }

  @Test(arguments: hashes) func knowsRightFromWrong(hash: String) async {
    let passwords = Passwords(maxWaiting: 4)
    #expect(await passwords.check("ann", "secret", ["ann": hash]) == .right)
    #expect(await passwords.check("ann", "Secret", ["ann": hash]) == .wrong)
    #expect(await passwords.check("bob", "secret", ["ann": hash]) == .wrong)
  }

  @Test func whatWasRightIsWrongWithAnotherHash() async {
    let passwords = Passwords(maxWaiting: 4)
    #expect(await passwords.check("ann", "secret", ["ann": hashes[0]]) == .right)
    #expect(await passwords.check("ann", "secret", ["ann": String(hashes[0].dropLast()) + "b"]) == .wrong)
  }

  @Test func fewWaitToBeChecked() async {
    let passwords = Passwords(maxWaiting: 1)
    let header = "Basic \(Data("ann:wrong".utf8).base64EncodedString())"
    let verdicts = await withCheckedContinuation { (continuation: CheckedContinuation<[Passwords.Verdict], Never>) in
      let heard = Mutex<[Passwords.Verdict]>([])
      for _ in 0..<3 {
        passwords.check(header, ["ann": hashes[0]]) { verdict in
          let all = heard.withLock { all in
            all.append(verdict)
            return all
          }
          if all.count == 3 { continuation.resume(returning: all) }
        }
      }
    }
    #expect(verdicts.contains(.busy))
    #expect(verdicts.contains(.wrong))
    #expect(!verdicts.contains(.right))
  }
}
