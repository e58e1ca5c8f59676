import CallbackServer
import Foundation
import GatewayCore
import Synchronization
import Testing

@Suite("A callback that Tencent waits for")
struct DecisionTests {
  private static let command = "C2C.CallbackBeforeSendMsg"
  private static let body = #"{"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"a","To_Account":"b"}"#
  private static let answer = #"{"ActionStatus":"OK","ErrorCode":120001,"ErrorInfo":"no", "MsgBody":[]}"#
  private static let denial = #"{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"not decided"}"#

  private static func request(_ command: String = command, body: String = body, more: String = "") -> String {
    TestRequest.post(query: "SdkAppid=1400000000&CallbackCommand=\(command)\(more)", body: body)
  }

  private static func decision(
    apps: Set<AppID>? = nil, onFailure: Decision.OnFailure = .allow, misconfigured: String? = nil
  ) -> Decision {
    Decision(
      commands: [command], apps: apps,
      endpoint: Endpoint(
        url: "https://decider.example/decide", timeout: .milliseconds(1200), connectTimeout: .milliseconds(1200),
        privateAddresses: .allow),
      secrets: [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
      headers: [WebhookRequest.Header(name: "X-Team", value: Secret("moderation"))], onFailure: onFailure,
      misconfigured: misconfigured)
  }

  private func stored(_ door: TestDoor) throws -> String {
    let batch = try #require(door.journal.batches.last)
    return String(decoding: try #require(CallbackRecord(decoding: batch.payload)?.decision), as: UTF8.self)
  }

  private func timed(_ outcome: String, in door: TestDoor) -> Int? {
    let labels = #"{command="\#(Self.command)",outcome="\#(outcome)"}"#
    return door.metrics.count(of: "switchyard_decision_duration_seconds" + labels)
  }

  @Test("is answered as its decider says, and the journal has the answer with it")
  func decided() async throws {
    let transport = ScriptedTransport(answering: Self.answer)
    try await TestDoor.open(decisions: [Self.decision()], transport: transport) { (door) async throws in
      let response = try await door.answer(to: Self.request())
      #expect(response.status == 200)
      #expect(response.body == Self.answer)
      #expect(try stored(door) == Self.answer)
      let request = try #require(transport.requests.first)
      #expect(request.body == Array(Self.body.utf8))
      let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
      #expect(headers["Content-Type"] == "application/json")
      #expect(headers["webhook-id"] == door.journal.batches.first?.id.description)
      #expect(headers["webhook-signature"]?.hasPrefix("v1,") == true)
      #expect(headers["switchyard-app"] == "1400000000")
      #expect(headers["switchyard-command"] == Self.command)
      #expect(headers["X-Team"] == "moderation")
      #expect(request.query == nil)
      #expect(timed("success", in: door) == 1)
      #expect(timed("timeout", in: door) == 0)
    }
  }

  @Test(
    "is answered by on_failure in the command's own form when the decider fails", arguments: Decision.OnFailure.allCases
  )
  func failed(onFailure: Decision.OnFailure) async throws {
    let failures: [ScriptedTransport.Script] = [
      { _ in AttemptResult(outcome: .timeout, duration: .seconds(1), error: "it took too long") },
      { _ in AttemptResult(outcome: .http5xx, status: 500, duration: .zero, error: "the answer was 500") },
      { _ in
        let answer = AttemptResult.Answer(body: Array("no".utf8), isCut: false)
        return AttemptResult(outcome: .success, status: 200, duration: .zero, answer: answer)
      },
    ]
    for failure in failures {
      let decision = Self.decision(onFailure: onFailure)
      try await TestDoor.open(decisions: [decision], transport: ScriptedTransport(failure)) { (door) async throws in
        let expected = onFailure == .allow ? TestRequest.okBody : Self.denial
        #expect(try await door.answer(to: Self.request()).body == expected)
        #expect(try stored(door) == expected)
        #expect(door.log.lines("a decider failed").count == 1)
      }
    }
  }

  @Test("is answered in time when the transport never says what became of the question")
  func silence() async throws {
    var limits = CallbackServerLimits()
    limits.decidingTime = .milliseconds(50)
    try await TestDoor.open(limits: limits, decisions: [Self.decision(onFailure: .deny)]) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == Self.denial)
      #expect(try stored(door) == Self.denial)
    }
  }

  @Test("is answered although the journal has not taken it in time, and counted")
  func unjournaled() async throws {
    let failing = FakeJournal { _, _ in .failure(.full) }
    let transport = ScriptedTransport(answering: Self.answer)
    try await TestDoor.open(
      journal: failing, decisions: [Self.decision()], transport: transport
    ) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == Self.answer)
      #expect(door.metrics[#"switchyard_decisions_unjournaled_total{command="\#(Self.command)"}"#] == 1)
      #expect(door.log.lines("a decision was answered that is not on disk").count == 1)
      #expect(door.server.counts.accepted == 0)
    }
    let held = HeldAppends()
    var limits = CallbackServerLimits()
    limits.decisionAnswerTime = .milliseconds(50)
    try await TestDoor.open(
      journal: FakeJournal(answer: held.hold), limits: limits, decisions: [Self.decision()], transport: transport
    ) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == Self.answer)
      #expect(door.metrics[#"switchyard_decisions_unjournaled_total{command="\#(Self.command)"}"#] == 1)
      held.release()
    }
  }

  @Test("is answered neutrally without a decider, and the journal has that")
  func neutral() async throws {
    let other = Self.decision(apps: [AppID(rawValue: 7)])
    try await TestDoor.open(decisions: [other]) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == TestRequest.okBody)
      #expect(try stored(door) == TestRequest.okBody)
      let friends = #"{"FriendItem":[{"To_Account":"a"}]}"#
      let response = try await door.answer(to: Self.request("Sns.CallbackPrevFriendAdd", body: friends))
      #expect(response.body.contains(#""ResultItem":[{"To_Account":"a","ResultCode":0,"ResultInfo":""}]"#))
      #expect(try stored(door) == response.body)
    }
  }

  @Test("is answered as the first was when it is a repeat")
  func repeated() async throws {
    let transport = ScriptedTransport(answering: Self.answer)
    try await TestDoor.open(decisions: [Self.decision()], transport: transport) { (first) async throws in
      _ = try await first.answer(to: Self.request(more: "&RequestId=1"))
      let earlier = try #require(first.journal.batches.first)
      let journal = FakeJournal(earlier: earlier) { _, _ in .success(.duplicate(of: .first)) }
      try await TestDoor.open(
        journal: journal, decisions: [Self.decision()], transport: ScriptedTransport(answering: #"{"ErrorCode":2}"#)
      ) { (second) async throws in
        #expect(try await second.answer(to: Self.request(more: "&RequestId=1")).body == Self.answer)
      }
    }
  }

  @Test("is answered by on_failure when too many questions are open, or the decider cannot be asked")
  func notAsked() async throws {
    var limits = CallbackServerLimits()
    limits.openQuestions = 0
    try await TestDoor.open(limits: limits, decisions: [Self.decision(onFailure: .deny)]) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == Self.denial)
      #expect(door.log.lines("a decider failed").first?.metadata["outcome"] == "overloaded")
    }
    let broken = Self.decision(onFailure: .deny, misconfigured: "its secret is gone")
    try await TestDoor.open(decisions: [broken]) { (door) async throws in
      #expect(try await door.answer(to: Self.request()).body == Self.denial)
      #expect(door.log.lines("a decider failed").first?.metadata["error"] == "its secret is gone")
    }
  }

  @Test("has a line of the log when its decider begins to fail, and one when that has answered three times in a row")
  func log() async throws {
    let number = Mutex(0)
    let transport = ScriptedTransport { _ in
      let isGood = number.withLock { number in
        number += 1
        return number % 2 == 0 || number > 10
      }
      let answer = AttemptResult.Answer(body: Array(Self.answer.utf8), isCut: false)
      return isGood
        ? AttemptResult(outcome: .success, status: 200, duration: .zero, answer: answer)
        : AttemptResult(outcome: .timeout, duration: .zero)
    }
    try await TestDoor.open(decisions: [Self.decision()], transport: transport) { (door) async throws in
      for _ in 0..<15 { _ = try await door.answer(to: Self.request()) }
      let lines = door.log.lines.map(\.message).filter { $0.hasPrefix("a decider") }
      #expect(lines == ["a decider failed", "a decider answers again"])
    }
  }

  @Test("does not hold up callbacks that tell")
  func others() async throws {
    let transport = ScriptedTransport()
    try await TestDoor.open(decisions: [Self.decision()], transport: transport) { (door) async throws in
      let asking = try await door.connect()
      try await asking.send(Self.request())
      #expect(try await eventually { transport.requests.count == 1 })
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
      #expect(door.journal.batches.map(\.kind.command) == ["Sns.CallbackBlackListAdd"])
    }
  }
}
