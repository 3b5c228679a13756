import Addressing
import Support
import Testing

@testable import Controlling

private let endpoint = Endpoint(address: .v4(0x0A00_0007), port: 9100)

@Test(
  arguments: [
    .targets(format: .rows, job: nil, state: nil), .targets(format: .json, job: "node", state: .up),
    .forget([endpoint]), .forget([endpoint, Endpoint(address: .v6(7), port: 1)]), .release(job: "node", prefix: nil),
    .release(job: "node", prefix: Prefix(text: "10.0.1.0/24")),
    .release(job: "node", prefix: Prefix(text: "fd00::/64")),
  ] as [ControlRequest])
func whatIsAskedIsHeard(request: ControlRequest) {
  #expect(ControlRequest(line: request.line.utf8) == request)
}

@Test(arguments: [
  "", "\t", "what", "targets", "targets\trows", "targets\trows\t", "targets\tyaml\t\t", "targets\trows\t\t\t", "forget",
  "targets\trows\t\twhat", "forget\t", "forget\t10.0.0.7", "forget\t10.0.0.7:9100\t", "release", "release\ta",
  "release\t\t", "release\ta\tb", "release\ta\t10.0.0.7/24", "release\ta\t\t", "Release\tnode\t",
])
func whatNobodyAsksIsRefused(line: String) {
  #expect(ControlRequest(line: line.utf8) == nil)
}

/// Nobody gets around the line's form by a name with its separators in it.
@Test(arguments: [("a\nb", "a?b"), ("a\tb", "a?b"), ("a\r\u{1B}[31m\u{202E}", "a??[31m?")])
func aNameStaysAName(name: String, heard: String) {
  #expect(
    ControlRequest(line: ControlRequest.release(job: name, prefix: nil).line.utf8)
      == .release(job: heard, prefix: nil))
}

@Test func bytesThatAreNoTextAreRefused() {
  #expect(ControlRequest(line: [0x72, 0xFF]) == nil)
}

@Test(arguments: [
  ControlReply(), ControlReply(isDone: false, messages: ["one", "two"], output: Array("a\nb".utf8)),
  ControlReply(messages: [""], output: [0xFF, 0x0A, 0x00]),
])
func whatIsRepliedIsRead(reply: ControlReply) {
  #expect(ControlReply(reply.bytes()) == reply)
}

@Test func aMessageIsOneLine() {
  let reply = ControlReply(messages: ["a\nb\r\nc"])
  #expect(ControlReply(reply.bytes())?.messages == ["a?b??c"])
}

/// What a client would not read is not said, but what to ask instead.
@Test func whatIsTooLongIsNotSaid() throws {
  let reply = ControlReply(output: Array(repeating: 65, count: 1_000))
  let length = reply.bytes().count
  #expect(ControlReply(reply.bytes(atMost: length)) == reply)
  let instead = try #require(ControlReply(reply.bytes(atMost: length - 1)))
  #expect(!instead.isDone && instead.output.isEmpty)
  #expect(
    instead.messages == [
      "the answer has more than \(length - 1) bytes; ask for one job (--job) or one state (--state)"
    ])
}

@Test(arguments: [
  "", "\n", "done", "subnet-sd-reply 1 done 0", "subnet-sd-reply 2 done 0\n", "subnet-sd-reply 1 maybe 0\n",
  "subnet-sd-reply 1 done\n", "subnet-sd-reply 1 done -1\n", "subnet-sd-reply 1 done x\n",
  "subnet-sd-reply 1 done 2\none\n", "subnet-sd-reply 1 done 99999999999999\none\n",
])
func whatIsNoReplyIsRefused(text: String) {
  #expect(ControlReply(Array(text.utf8)) == nil)
}

@Test(
  arguments: [
    (
      .notRunning("/run/x"),
      "the daemon is not running: nobody listens at '/run/x'; see 'systemctl status subnet-sd', or give the"
        + " daemon's --runtime-directory"
    ),
    (
      .denied("/run/x"),
      "not permitted to use '/run/x'; only root and the group of the service may ask the daemon"
    ),
    (
      .taken("/run/x"),
      "'/run/x' is taken by another subnet-sd, or is in the state directory; give another --runtime-directory"
    ), (.busy("/run/x"), "the daemon at '/run/x' does not answer; see 'systemctl status subnet-sd'"),
    (.cannotListen("/run/x", errno: 2), "cannot listen at '/run/x': No such file or directory"),
    (.cannotAsk("/run/x", errno: 110), "cannot ask the daemon at '/run/x': Connection timed out"),
    (
      .noReply("/run/x"), "the daemon at '/run/x' gave no whole answer: it has stopped, or is of another version"
    ),
    (.tooLong, "that is too much to ask at once; ask for fewer targets"),
    (
      .pathTooLong("/run/x"),
      "'/run/x' is too long for the name of a socket, which has at most 107 bytes; give another --runtime-directory"
    ),
  ] as [(ControlError, String)])
func saysWhatIsWrong(error: ControlError, sentence: String) {
  #expect(error.description == sentence)
}
