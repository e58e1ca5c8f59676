package import GatewayCore

/// Builds the requests of one subscriber: what is the same for all of them is made once.
package struct DeliveryRequest: Sendable {
  private enum ContentType {
    static let event = "application/cloudevents+json; charset=utf-8"
    static let batch = "application/cloudevents-batch+json; charset=utf-8"
    static let original = "application/json"
  }

  private let webhook: WebhookRequest
  private let digest: any Digest
  private let forwarder: any Forwarder
  private let mark: GatewayMark

  init(subscriber: Subscriber, signer: (any Signer)?, context: DeliveryContext) {
    self.init(
      subscriber: subscriber, signer: signer, digest: context.digest, forwarder: context.forwarder,
      mark: context.journal.mark, userAgent: context.userAgent)
  }

  /// - Parameter signer: Nil if the subscriber is unsigned.
  package init(
    subscriber: Subscriber, signer: (any Signer)?, digest: any Digest, forwarder: any Forwarder, mark: GatewayMark,
    userAgent: String
  ) {
    webhook = WebhookRequest(
      endpoint: subscriber.endpoint, signer: signer, headers: subscriber.headers, userAgent: userAgent)
    self.digest = digest
    self.forwarder = forwarder
    self.mark = mark
  }

  /// The id of the replay that an event belongs to.
  static let replayHeader = "switchyard-replay"

  /// One attempt at what a delivery carries.
  ///
  /// - Parameters:
  ///   - events: At least one, and one alone unless it is a batch.
  ///   - batch: The batch that holds an event.
  func request(
    for events: [SequenceNumber], as form: DeliveryForm, attempt: Int, token: Secret?, now: Timestamp,
    batch: (SequenceNumber) -> any DerivedBatch
  ) -> OutboundRequest {
    let first = batch(events[0])
    switch form {
    case .event:
      let index = events[0] - first.first
      return request(
        for: EventID(batch: first.id, index: index), attempt: attempt, body: first.body(at: index),
        traceparent: first.traceparent, now: now)
    case .batch:
      let members = events.map { event in
        let holder = batch(event)
        let index = event - holder.first
        return (id: EventID(batch: holder.id, index: index), body: holder.body(at: index))
      }
      return request(for: members, attempt: attempt, traceparent: first.traceparent, now: now)
    case .original:
      return request(forwarding: first, token: token, attempt: attempt, now: now)
    }
  }

  /// One attempt at one event, signed for this moment.
  package func request(
    for event: EventID, attempt: Int, body: [UInt8], traceparent: String?, now: Timestamp
  ) -> OutboundRequest {
    webhook.request(
      id: event.description, contentType: ContentType.event, attempt: attempt, body: body, about: event.batch,
      traceparent: traceparent, now: now)
  }

  /// One attempt at several events, which are its members in this order.
  ///
  /// - Parameter events: At least one.
  package func request(
    for events: [(id: EventID, body: [UInt8])], attempt: Int, traceparent: String?, now: Timestamp
  ) -> OutboundRequest {
    var body: [UInt8] = []
    body.reserveCapacity(events.reduce(1) { $0 + $1.body.count + 1 })
    for event in events {
      body.append(UInt8(ascii: body.isEmpty ? "[" : ","))
      body += event.body
    }
    body.append(UInt8(ascii: "]"))
    return webhook.request(
      id: batchID(events.map(\.id)), contentType: ContentType.batch, attempt: attempt, body: body,
      about: events[0].id.batch, traceparent: traceparent, now: now)
  }

  /// One attempt at a whole callback, as it came and signed for this moment.
  ///
  /// - Parameter token: The app's; nil if it has none.
  package func request(
    forwarding callback: any DerivedBatch, token: Secret?, attempt: Int, now: Timestamp
  ) -> OutboundRequest {
    let record = callback.record
    var request = webhook.request(
      id: callback.id.description, contentType: ContentType.original, attempt: attempt, body: record.body,
      about: callback.id, traceparent: record.traceparent, now: now)
    request.headers.append((name: Via.header, value: record.via.adding(mark).text))
    request.query = forwarder.query(record.query, token: token, now: now)
    request.keepsAnswer = true
    return request
  }

  /// `batch-` and the first 16 bytes of SHA-256 over the ids, one after the other, in hexadecimal.
  private func batchID(_ members: [EventID]) -> String {
    let hash = digest.sha256(members.map { Array($0.description.utf8) })
    let words = [hash[0..<8], hash[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    return "batch-" + words.map(Hex.text).joined()
  }
}
