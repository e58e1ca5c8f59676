import Foundation
import GatewayCore
import OpenSSLSigner
import Synchronization
import TencentChat
import Testing

@testable import ChatSimulator

@Suite("The poster of callbacks")
struct CallbackPosterTests {
  private let observer = RecordingObserver()

  private func poster(
    _ transport: RecordingTransport, clock: WallClock? = nil, _ change: (inout CallbackSettings) -> Void
  ) throws -> CallbackPoster {
    var settings = CallbackSettings(target: try #require(CallbackTarget("http://gateway.example/secret")))
    change(&settings)
    return CallbackPoster(
      settings: settings, transport: transport, digest: OpenSSLDigest(), observer: observer,
      clock: clock ?? { Timestamp(seconds: 1_669_872_112) })
  }

  /// The parameters of a request's query, in order.
  private func query(_ request: OutboundRequest) -> [(name: String, value: String)] {
    (request.query ?? "").split(separator: "&").map { piece in
      let parts = piece.split(separator: "=", maxSplits: 1).map(String.init)
      return (parts[0], parts[1])
    }
  }

  @Test("posts as Tencent does: a sorted query with an id of its own, signed, JSON, within two seconds")
  func request() async throws {
    let transport = RecordingTransport()
    let poster = try poster(transport) { $0.token = Secret("xxxxyyyy") }
    poster.post(Chat().blackListAdd(["id1"]))
    poster.finish()
    await poster.run()
    let request = try #require(transport.requests.first)
    let query = query(request)
    #expect(
      query.map(\.name) == [
        "CallbackCommand", "ClientIP", "OptPlatform", "RequestId", "RequestTime", "SdkAppid", "Sign", "contenttype",
      ])
    let values = Dictionary(uniqueKeysWithValues: query.map { ($0.name, $0.value) })
    #expect(values["CallbackCommand"] == "Sns.CallbackBlackListAdd" && values["ClientIP"] == "203.0.113.7")
    #expect(values["Sign"] == "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061")
    let id = try #require(values["RequestId"])
    #expect(id == id.lowercased() && UUID(uuidString: id) != nil && Array(id)[14] == "4")
    #expect(request.endpoint.url == "http://gateway.example/secret" && request.endpoint.timeout == .seconds(2))
    #expect(request.headers.map { "\($0.name): \($0.value)" } == ["Content-Type: application/json"])
    #expect(
      transport.bodies == [
        #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[{"From_Account":"id","To_Account":"id1"}]}"#
      ])
  }

  @Test("tells of every call when its callbacks are done, and posts none for one without")
  func reports() async throws {
    let transport = RecordingTransport()
    let poster = try poster(transport) { _ in }
    let chat = Chat()
    poster.post(chat.blackListAdd(["id1"]))
    poster.post(chat.blackListAdd(["id1"]))
    poster.post(chat.call("black_list_add", "{}"))
    poster.finish()
    await poster.run()
    #expect(transport.requests.count == 1)
    let outcomes = observer.reports.map(\.callbacks)
    #expect(outcomes.count == 3)
    #expect(
      outcomes.filter { !$0.isEmpty } == [
        [CallbackOutcome(command: .blackListAdd, pairCount: 1, tries: 1, failure: nil)]
      ])
    #expect(observer.failures.isEmpty)
  }

  @Test(
    "posts once whatever comes of it, and says why it has failed",
    arguments: [
      (RecordingTransport.Reply.answer(500, "{}"), "the answer was 500"),
      (.answer(204, ""), "the answer was 204"), (.answer(200, ""), "the answer has no body"),
      (.answer(200, "OK"), "the answer's body is not JSON"), (.timeout, "no complete answer within 2s"),
    ])
  func failures(reply: RecordingTransport.Reply, reason: String) async throws {
    let transport = RecordingTransport { _ in reply }
    let poster = try poster(transport) { _ in }
    poster.post(Chat().blackListAdd(["id1"]))
    poster.finish()
    await poster.run()
    #expect(transport.requests.count == 1)
    #expect(observer.failures.map(\.isTriedAgain) == [false])
    #expect(observer.failures.first?.reason.hasPrefix(reason) == true)
    #expect(observer.reports.first?.callbacks.first?.failure?.hasPrefix(reason) == true)
  }

  @Test("posts again after a timeout only, with the same id and body and a fresh time")
  func retries() async throws {
    let transport = RecordingTransport { $0 < 2 ? .timeout : .answer(503, "{}") }
    let seconds = Mutex<Int64>(1_669_872_111)
    let clock: WallClock = {
      Timestamp(
        seconds: seconds.withLock {
          $0 += 1
          return $0
        })
    }
    let poster = try poster(transport, clock: clock) {
      $0.token = Secret("t")
      $0.retriesOnTimeout = 5
    }
    poster.post(Chat().blackListAdd(["id1"]))
    poster.finish()
    await poster.run()
    let queries = transport.requests.map(query)
    #expect(queries.count == 3)
    #expect(Set(queries.map { $0.first { $0.name == "RequestId" }?.value }).count == 1)
    #expect(Set(queries.map { $0.first { $0.name == "RequestTime" }?.value }).count == 3)
    #expect(Set(queries.map { $0.first { $0.name == "Sign" }?.value }).count == 3)
    #expect(Set(transport.bodies).count == 1)
    #expect(observer.failures.map(\.isTriedAgain) == [true, true, false])
    #expect(observer.reports.first?.callbacks.first?.tries == 3)
  }

  @Test("holds no answer up: calls go beside each other, up to a bound, and what finds no room is dropped")
  func bounds() async throws {
    let transport = RecordingTransport { _ in .held }
    let poster = try poster(transport) { _ in }
    let answer = Chat().blackListAdd((1...1000).map { "u\($0)" })
    let room = CallbackPoster.maxWaitingPairs / 1000
    async let run: Void = poster.run()
    for _ in 0..<CallbackPoster.maxInFlight { poster.post(answer) }
    try await eventually { transport.requests.count == CallbackPoster.maxInFlight }
    for _ in 0..<room + 2 { poster.post(answer) }
    #expect(observer.failures.map(\.reason) == Array(repeating: CallbackPoster.droppedReason, count: 2))
    #expect(transport.requests.count == CallbackPoster.maxInFlight)
    poster.finish()
    let everything = CallbackPoster.maxInFlight + room
    try await eventually {
      transport.release()
      return observer.reports.count == everything + 2
    }
    await run
    #expect(transport.requests.count == everything)
  }

  @Test("posts the callbacks of one call one after another")
  func order() async throws {
    var choices = SimulatorChoices()
    choices.pairsPerCallback = 1
    let transport = RecordingTransport { _ in .held }
    let poster = try poster(transport) { _ in }
    poster.post(Chat(choices: choices).blackListAdd(["a", "b", "c"]))
    poster.finish()
    async let run: Void = poster.run()
    for count in 1...3 {
      try await eventually { transport.requests.count == count }
      #expect(observer.reports.isEmpty)
      transport.release()
    }
    await run
    #expect(zip(transport.bodies, ["a", "b", "c"]).allSatisfy { $0.contains("\"To_Account\":\"\($1)\"") })
    #expect(observer.reports.first?.callbacks.count == 3)
  }

  @Test("says of what it was not given the time for that it was not posted")
  func abandoned() async throws {
    let transport = RecordingTransport()
    let poster = try poster(transport) { $0.delay = .seconds(3600) }
    let chat = Chat()
    for name in ["a", "b"] { poster.post(chat.blackListAdd([name])) }
    poster.finish()
    poster.post(chat.blackListAdd(["c"]))
    await withTaskGroup { group in
      group.addTask { await poster.run() }
      group.cancelAll()
    }
    #expect(transport.requests.isEmpty)
    #expect(observer.failures.map(\.reason) == Array(repeating: CallbackPoster.abandonedReason, count: 3))
    #expect(observer.reports.count == 3)
    #expect(poster.waitingCalls == 0)
  }
}
