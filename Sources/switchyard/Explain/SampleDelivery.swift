import Delivery
import GatewayCore
import OpenSSLSigner
import TencentChat

/// One delivery as it would be sent, made as deliveries are, with placeholders for what nobody may see.
struct SampleDelivery: Encodable {
  struct Header: Encodable {
    var name: String
    var value: String
  }

  var subscriber: String
  var format: String
  /// The ids of the events that are in it.
  var events: [String]
  var method = "POST"
  /// Without the query of the subscriber's own URL, which may hold a key.
  var url: String
  /// All but `Host` and `Content-Length`, in order.
  var headers: [Header]
  var body: String
  /// The body's length in bytes.
  var length: Int
  /// Whether its `data.decision` is the answer that lets the thing happen in place of a decider's, who has not been asked.
  var decisionIsMadeUp: Bool

  /// What stands for a value of the routes file that may be secret.
  private static let hidden = "•••"
  /// What stands for the mark that a gateway gets with its journal.
  private static let markPlaceholder = "<mark>"
  private static let mark = GatewayMark(rawValue: "mark")

  /// The first attempt, now.
  ///
  /// - Parameters:
  ///   - indices: The events that the subscriber gets; at least one.
  ///   - isDecided: Whether somebody is asked, whose answer goes into the events.
  ///   - isSigned: Whether a callback of the app that is sent on as it came is signed.
  /// - Returns: Nil if there is nothing to send.
  init?(
    to subscriber: Subscriber, _ indices: [Int], of batch: any DerivedBatch, isDecided: Bool, isSigned: Bool,
    now: Timestamp
  ) {
    guard let first = indices.first, let mark = Self.mark else { return nil }
    let signer = subscriber.secrets.isEmpty ? nil : PlaceholderSigner(secrets: subscriber.secrets)
    let requests = DeliveryRequest(
      subscriber: subscriber, signer: signer, digest: OpenSSLDigest(),
      forwarder: PlaceholderForwarder(CallbackForwarder(digest: OpenSSLDigest())), mark: mark,
      userAgent: Product.userAgent)
    let request: OutboundRequest
    let members: [Int]
    switch subscriber.format {
    case .event:
      members = [first]
      request = requests.request(
        for: EventID(batch: batch.id, index: first), attempt: 1, body: batch.body(at: first),
        traceparent: batch.traceparent, now: now)
    case .batch:
      members = Array(indices.prefix(subscriber.batch.maxEvents))
      request = requests.request(
        for: members.map { (id: EventID(batch: batch.id, index: $0), body: batch.body(at: $0)) }, attempt: 1,
        traceparent: batch.traceparent, now: now)
    case .original:
      members = Array(0..<batch.eventCount)
      request = requests.request(
        forwarding: batch, token: isSigned ? PlaceholderForwarder.token : nil, attempt: 1, now: now)
    }
    self.subscriber = subscriber.name
    format = subscriber.format.rawValue
    events = members.map { "\(EventID(batch: batch.id, index: $0))" }
    url = Self.shownURL(of: request)
    headers = Self.shown(request.headers, of: subscriber)
    body = String(decoding: request.body, as: UTF8.self)
    length = request.body.count
    // A callback that is sent on as it came has no decision in it.
    decisionIsMadeUp = isDecided && subscriber.format != .original
  }

  private static func shownURL(of request: OutboundRequest) -> String {
    let url = request.endpoint.shownURL
    guard let query = request.query, !query.isEmpty else { return url }
    return url + (url.contains("?") ? "&" : "?") + query
  }

  private static func shown(_ headers: [(name: String, value: String)], of subscriber: Subscriber) -> [Header] {
    let secret = Set(subscriber.headers.map(\.name))
    return headers.map { name, value in
      Header(name: name, value: name == Via.header ? markPlaceholder : secret.contains(name) ? hidden : value)
    }
  }
}
