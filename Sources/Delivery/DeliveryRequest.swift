import GatewayCore

/// Builds the requests of one subscriber: what is the same for all of them is made once.
struct DeliveryRequest: Sendable {
  private let endpoint: Endpoint
  private let signer: (any Signer)?
  private let fixed: [(name: String, value: String)]

  init(subscriber: Subscriber, signer: (any Signer)?, userAgent: String) {
    endpoint = subscriber.endpoint
    self.signer = signer
    fixed =
      [
        (name: "Content-Type", value: "application/cloudevents+json; charset=utf-8"),
        (name: "User-Agent", value: userAgent),
      ] + subscriber.headers.map { (name: $0.name, value: $0.value.exposed) }
  }

  /// One attempt at one event, signed for this moment.
  func request(
    for event: EventID, attempt: Int, body: [UInt8], traceparent: String?, now: Timestamp
  ) -> OutboundRequest {
    let id = event.description
    var headers = fixed
    headers.reserveCapacity(fixed.count + 5)
    headers.append((name: "webhook-id", value: id))
    headers.append((name: "webhook-timestamp", value: String(now.seconds)))
    if let signer {
      let signature = signer.signature(id: id, timestamp: now.seconds, body: body)
      headers.append((name: "webhook-signature", value: signature))
    }
    headers.append((name: "switchyard-attempt", value: String(attempt)))
    headers.append((name: "traceparent", value: traceparent ?? Self.traceparent(for: event.batch)))
    return OutboundRequest(endpoint: endpoint, headers: headers, body: body)
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
