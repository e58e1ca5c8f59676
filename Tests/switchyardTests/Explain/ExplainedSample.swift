import GatewayCore
import OrderedCollections

@testable import switchyard

/// A callback with three pairs, and who might get it.
enum ExplainedSample {
  static let now = Timestamp(milliseconds: 1_669_872_112_123)
  static let query = "CallbackCommand=Sns.CallbackBlackListAdd&ClientIP=203.0.113.7&RequestId=1&SdkAppid=1400000000"
  /// Tencent's published example.
  static let token = Secret("xxxxyyyy")
  static let sign = "RequestTime=1669872112&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
  static let body = Array(
    #"""
    {"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[
    {"From_Account":"id","To_Account":"id1"},{"From_Account":"id","To_Account":"x\u001b[2J"},
    {"From_Account":"id","To_Account":"id3"}]}
    """#.utf8)

  static let app = AppConfiguration(id: AppID(rawValue: 1_400_000_000))

  static func subscriber(_ name: String, events: [String] = ["*"]) -> Subscriber {
    Subscriber(
      name: name,
      endpoint: Endpoint(
        url: "https://\(name).example/hooks?key=hidden-key", timeout: .seconds(1), connectTimeout: .seconds(1),
        privateAddresses: .allow),
      secrets: [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")], events: events.compactMap { EventPattern($0) })
  }

  static func explain(
    _ subscribers: [Subscriber] = [subscriber("audit")], app: AppConfiguration = app, query: String = query,
    body: [UInt8] = body, peer: String? = nil, showing name: String? = nil, eventsShown: Int = 20,
    decisions: [Decision] = []
  ) throws -> Explanation {
    let routes = Routes(
      apps: [app.id: app], subscribers: .init(uniqueKeysWithValues: subscribers.map { ($0.name, $0) }),
      decisions: decisions, fingerprint: "")
    let explainer = Explainer(
      routes: routes, peer: peer.flatMap { IPAddress($0) }, subscriber: name, eventsShown: eventsShown, now: now)
    return try explainer.explain(query: query, body: body)
  }
}
