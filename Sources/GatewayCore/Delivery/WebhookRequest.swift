/// Builds the requests to one receiver by Standard Webhooks: what is the same for all of them is made once.
package struct WebhookRequest: Sendable {
  private let endpoint: Endpoint
  private let signer: (any Signer)?
  private let fixed: [(name: String, value: String)]

  /// - Parameters:
  ///   - signer: Nil: the requests are not signed.
  ///   - headers: The receiver's own, in order.
  package init(endpoint: Endpoint, signer: (any Signer)?, headers: [Header], userAgent: String) {
    self.endpoint = endpoint
    self.signer = signer
    fixed =
      [(name: "User-Agent", value: userAgent)] + headers.map { (name: $0.name, value: $0.value.exposed) }
  }

  /// One attempt, signed for this moment.
  ///
  /// - Parameters:
  ///   - id: What the receiver knows repeats by: the value of `webhook-id`.
  ///   - batch: The callback that it is about.
  ///   - traceparent: The callback's own; nil: it is given one.
  package func request(
    id: String, contentType: String, attempt: Int, body: [UInt8], about batch: BatchID, traceparent: String?,
    now: Timestamp
  ) -> OutboundRequest {
    var headers = fixed
    headers.reserveCapacity(fixed.count + 7)
    headers.append((name: "Content-Type", value: contentType))
    headers.append((name: "webhook-id", value: id))
    headers.append((name: "webhook-timestamp", value: String(now.seconds)))
    if let signer {
      let signature = signer.signature(id: id, timestamp: now.seconds, body: body)
      headers.append((name: "webhook-signature", value: signature))
    }
    headers.append((name: "switchyard-attempt", value: String(attempt)))
    headers.append((name: "traceparent", value: traceparent ?? Self.traceparent(for: batch)))
    return OutboundRequest(endpoint: endpoint, headers: headers, body: body)
  }

  /// A W3C trace context of our own: all that is sent about one callback shares a trace, each attempt is a span.
  private static func traceparent(for batch: BatchID) -> String {
    "00-" + Hex.text(batch.high) + Hex.text(batch.low) + "-" + Hex.text(UInt64.random(in: 1...(.max))) + "-01"
  }
}

extension WebhookRequest {
  /// A header that the routes file gives a receiver.
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: Secret

    package init(name: String, value: Secret) {
      self.name = name
      self.value = value
    }
  }
}
