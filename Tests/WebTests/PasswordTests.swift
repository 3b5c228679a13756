import Foundation
import Synchronization
import Testing

@testable import Web

extension Passwords {
  fileprivate func check(
    _ user: String, _ password: String, _ users: [String: String], from peer: Peer = .v4(1)
  ) async -> Verdict {
    let header = "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
    return await withCheckedContinuation { continuation in
      _ = check(header, users, from: peer) { continuation.resume(returning: $0) }
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
    let passwords = Passwords()
    #expect(await passwords.check("ann", "secret", ["ann": hash]) == .right)
    #expect(await passwords.check("ann", "Secret", ["ann": hash]) == .wrong)
    #expect(await passwords.check("bob", "secret", ["ann": hash]) == .wrong)
  }

  @Test func whatWasRightIsWrongWithAnotherHash() async {
    let passwords = Passwords()
    #expect(await passwords.check("ann", "secret", ["ann": hashes[0]]) == .right)
    #expect(await passwords.check("ann", "secret", ["ann": String(hashes[0].dropLast()) + "b"]) == .wrong)
  }

  @Test func withoutAPasswordThereIsNothingToCheck() {
    let passwords = Passwords()
    let verdicts = Mutex<[Passwords.Verdict]>([])
    for header in [nil, "Bearer x"] {
      let check = passwords.check(header, ["ann": hashes[0]], from: .local) { new in
        verdicts.withLock { $0.append(new) }
      }
      #expect(check == nil)
    }
    #expect(verdicts.withLock { $0 } == [.missing, .missing])
  }

  @Test func fewOfAPeerWaitToBeChecked() async {
    let passwords = Passwords()
    let header = "Basic \(Data("ann:wrong".utf8).base64EncodedString())"
    let verdicts = await withCheckedContinuation { (continuation: CheckedContinuation<[Passwords.Verdict], Never>) in
      let heard = Mutex<[Passwords.Verdict]>([])
      let count = 3 * CheckQueue.maxOfPeer
      for _ in 0..<count {
        _ = passwords.check(header, ["ann": hashes[0]], from: .v4(1)) { verdict in
          let all = heard.withLock { all in
            all.append(verdict)
            return all
          }
          if all.count == count { continuation.resume(returning: all) }
        }
      }
    }
    #expect(verdicts.contains(.busy))
    #expect(verdicts.count { $0 == .wrong } >= CheckQueue.maxOfPeer)
    #expect(!verdicts.contains(.right))
  }

  /// Ten peers guess with all the places that they have; see `CheckQueues` for the order.
  @Test func whoGuessesKeepsNobodyOut() async {
    let passwords = Passwords()
    let guess = "Basic \(Data("ann:wrong".utf8).base64EncodedString())"
    for _ in 0..<CheckQueue.maxOfPeer {
      for peer in 10..<20 { _ = passwords.check(guess, ["ann": hashes[0]], from: .v4(UInt32(peer))) { _ in } }
    }
    #expect(await passwords.check("ann", "secret", ["ann": hashes[0]]) == .right)
  }

  /// Work, not time, is compared: the costs of all checks that a name leads to.
  @Test(arguments: ["low", "middle", "high", "nobody"]) func aWrongPasswordCostsTheSameForEachName(user: String) {
    let users = ["low": "$2b$04$a", "low2": "$2b$04$b", "middle": "$2b$08$a", "high": "$2b$10$a"]
    let made = Passwords.hashes(for: user, users)
    #expect(made.map { $0.dropFirst(4).prefix(2) }.sorted() == ["04", "08", "10"])
    #expect(users[user] == nil || made.first == users[user])
  }
}
