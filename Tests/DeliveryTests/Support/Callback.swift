import GatewayCore
import OpenSSLSigner
import TencentChat

/// A callback as Tencent would send it.
struct Callback: Sendable {
  static let app = AppID(rawValue: 1_400_000_000)

  var command = "Sns.CallbackBlackListAdd"
  var app = Self.app
  var pairs = 1
  /// Bytes that the body carries besides.
  var padding = 0
  var traceparent: String?
  var via = Via()
  /// What the query has besides.
  var query = ""

  static func blocklist(pairs: Int = 1) -> Callback { Callback(pairs: pairs) }
  static func friend(pairs: Int = 1) -> Callback { Callback(command: "Sns.CallbackFriendAdd", pairs: pairs) }

  func read(receivedAt: Timestamp) throws -> NewBatch? {
    let reader = CallbackReader(digest: OpenSSLDigest())
    return try reader.read(
      query: CallbackQuery("CallbackCommand=\(command)&OptPlatform=iOS&SdkAppid=\(app)" + query),
      app: AppConfiguration(id: app, duplicates: .none), peer: "198.51.100.4", traceparent: traceparent, via: via,
      body: body, receivedAt: receivedAt
    ).batch
  }

  var body: [UInt8] {
    let rows = (0..<pairs).map { #"{"From_Account":"id","To_Account":"id\#($0)"}"# }
    let extra = padding > 0 ? #","Extra":"\#(String(repeating: "x", count: padding))""# : ""
    return Array(#"{"CallbackCommand":"\#(command)","PairList":[\#(rows.joined(separator: ","))]\#(extra)}"#.utf8)
  }
}

/// A callback that is in the journal.
struct Accepted: Sendable {
  var first: SequenceNumber
  /// The ids of its events, in order.
  var events: [String]
  /// Their bodies.
  var bodies: [[UInt8]]
  /// The id of all of them together.
  var batch: String

  init(_ batch: NewBatch, at first: SequenceNumber) throws {
    self.first = first
    let derived = try CallbackEventDeriver().derive(
      StoredBatch(
        first: first, eventCount: batch.eventCount, id: batch.id, kind: batch.kind, receivedAt: batch.receivedAt,
        derivation: batch.derivation, payload: batch.payload))
    events = (0..<batch.eventCount).map { EventID(batch: batch.id, index: $0).description }
    bodies = (0..<batch.eventCount).map(derived.body)
    self.batch = batch.id.description
  }
}
