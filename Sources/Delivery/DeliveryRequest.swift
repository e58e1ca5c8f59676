import GatewayCore

/// Builds the requests of one subscriber: what is the same for all of them is made once.
struct DeliveryRequest: Sendable {
  private enum ContentType {
    static let event = "application/cloudevents+json; charset=utf-8"
    static let batch = "application/cloudevents-batch+json; charset=utf-8"
    static let original = "application/json"
  }

  private let endpoint: Endpoint
  private let signer: (any Signer)?
  private let digest: any Digest
  private let forwarder: any Forwarder
  private let mark: GatewayMark
  private let fixed: [(name: String, value: String)]

  init(subscriber: Subscriber, signer: (any Signer)?, context: DeliveryContext) {
    endpoint = subscriber.endpoint
    self.signer = signer
    digest = context.digest
    forwarder = context.forwarder
    mark = context.journal.mark
    fixed =
      [(name: "User-Agent", value: context.userAgent)]
      + subscriber.headers.map { (name: $0.name, value: $0.value.exposed) }
  }

  /// One attempt at one event, signed for this moment.
  func request(
    for event: EventID, attempt: Int, body: [UInt8], traceparent: String?, now: Timestamp
  ) -> OutboundRequest {
    request(
      id: event.description, contentType: ContentType.event, attempt: attempt, body: body,
      traceparent: traceparent ?? Self.traceparent(for: event.batch), now: now)
  }

  /// One attempt at several events, which are its members in this order.
  ///
  /// - Parameter events: At least one.
  func request(
    for events: [(id: EventID, body: [UInt8])], attempt: Int, traceparent: String?, now: Timestamp
  ) -> OutboundRequest {
    var body: [UInt8] = []
    body.reserveCapacity(events.reduce(1) { $0 + $1.body.count + 1 })
    for event in events {
      body.append(UInt8(ascii: body.isEmpty ? "[" : ","))
      body += event.body
    }
    body.append(UInt8(ascii: "]"))
    return request(
      id: batchID(events.map(\.id)), contentType: ContentType.batch, attempt: attempt, body: body,
      traceparent: traceparent ?? Self.traceparent(for: events[0].id.batch), now: now)
  }

  /// One attempt at a whole callback, as it came and signed for this moment.
  ///
  /// - Parameter token: The app's; nil if it has none.
  func request(
    forwarding callback: any DerivedBatch, token: Secret?, attempt: Int, now: Timestamp
  ) -> OutboundRequest {
    let record = callback.record
    var request = request(
      id: callback.id.description, contentType: ContentType.original, attempt: attempt, body: record.body,
      traceparent: record.traceparent ?? Self.traceparent(for: callback.id), now: now)
    request.headers.append((name: Via.header, value: record.via.adding(mark).text))
    request.query = forwarder.query(record.query, token: token, now: now)
    request.keepsAnswer = true
    return request
  }

  private func request(
    id: String, contentType: String, attempt: Int, body: [UInt8], traceparent: String, now: Timestamp
  ) -> OutboundRequest {
    var headers = fixed
    headers.reserveCapacity(fixed.count + 6)
    headers.append((name: "Content-Type", value: contentType))
    headers.append((name: "webhook-id", value: id))
    headers.append((name: "webhook-timestamp", value: String(now.seconds)))
    if let signer {
      let signature = signer.signature(id: id, timestamp: now.seconds, body: body)
      headers.append((name: "webhook-signature", value: signature))
    }
    headers.append((name: "switchyard-attempt", value: String(attempt)))
    headers.append((name: "traceparent", value: traceparent))
    return OutboundRequest(endpoint: endpoint, headers: headers, body: body)
  }

  /// `batch-` and the first 16 bytes of SHA-256 over the ids, one after the other, in hexadecimal.
  private func batchID(_ members: [EventID]) -> String {
    let hash = digest.sha256(members.map { Array($0.description.utf8) })
    let words = [hash[0..<8], hash[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    return "batch-" + words.map(Self.hex).joined()
  }

  /// A W3C trace context of our own: all events of one callback share a trace, each attempt is a span.
  private static func traceparent(for batch: BatchID) -> String {
    "00-" + hex(batch.high) + hex(batch.low) + "-" + hex(UInt64.random(in: 1...(.max))) + "-01"
  }

  private static func hex(_ word: UInt64) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 16) { buffer in
      for place in 0..<16 { buffer[place] = digits[Int(word >> UInt64(60 - 4 * place) & 0xF)] }
      return 16
    }
  }
}
