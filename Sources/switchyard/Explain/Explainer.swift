import Foundation
import GatewayCore
import OpenSSLSigner
import OrderedCollections
import TencentChat

/// Takes a callback the way that the gateway would, up to where something would be written or sent.
struct Explainer {
  let routes: Routes
  /// Nil: the app's list of addresses is not looked at.
  let peer: IPAddress?
  /// Whose delivery is shown; nil: that of the first that gets any.
  let subscriber: String?
  let eventsShown: Int
  let now: Timestamp

  /// - Throws: `DerivationError`, which a batch that has just been read has no reason for.
  func explain(query text: String, body: [UInt8]) throws -> Explanation {
    let query = CallbackQuery(text)
    let app = query.appID.flatMap { routes.apps[$0] }
    let checks = ExplainedChecks(query: query, app: app, peer: peer, bodySize: body.count, now: now).ofHead
    guard let app else { return refused(checks) }
    let read: ReadCallback
    do throws(MalformedCallback) {
      read = try CallbackReader(digest: OpenSSLDigest()).read(
        query: query, app: app, peer: peer?.description ?? "unknown", traceparent: nil, body: body, receivedAt: now)
    } catch {
      return refused(checks + [ExplainedChecks.body(error)])
    }
    var explanation = refused(checks + [ExplainedChecks.body(nil)])
    // A question is written down with its answer.
    let answered = read.answered(read.reply)
    explanation.callback = callback(read, answered.batch, query: query, app: app)
    guard let batch = try answered.batch.map(derived) else { return explanation }
    explanation.events = (0..<min(batch.eventCount, eventsShown)).map { event($0, of: batch) }
    explanation.subscribers = routes.subscribers.values.map { SubscriberShare(of: $0, in: batch) }
    explanation.delivery = delivery(
      of: batch, among: explanation.subscribers, isDecided: explanation.callback?.decision != nil)
    return explanation
  }

  private func refused(_ checks: [ExplainedCheck]) -> Explanation {
    Explanation(checks: checks, refusal: checks.lazy.compactMap(\.refusal).first)
  }

  /// The batch as a journal would give it back.
  private func derived(_ batch: NewBatch) throws(DerivationError) -> any DerivedBatch {
    try CallbackEventDeriver().derive(
      StoredBatch(batch, at: .first))
  }

  private func callback(
    _ read: ReadCallback, _ batch: NewBatch?, query: CallbackQuery, app: AppConfiguration
  ) -> ExplainedCallback {
    ExplainedCallback(
      app: app.id.rawValue, command: read.command,
      row: EventCatalogue.entry(for: read.command).map(CatalogueRow.init),
      unsplitReason: read.unsplitReason?.rawValue, repeats: repeats(of: batch, query: query, app: app),
      eventCount: batch?.eventCount ?? 0, isQuestion: read.question != nil,
      decision: ExplainedDecision(of: read, by: routes.decisions), reply: String(decoding: read.reply, as: UTF8.self))
  }

  private func repeats(
    of batch: NewBatch?, query: CallbackQuery, app: AppConfiguration
  ) -> ExplainedCallback.Repeats {
    let (by, words): (String, String) =
      switch app.duplicates {
      case .byRequestID where query.requestID == nil:
        ("request-id", "not known, since it has no RequestId; the ids are others each time")
      case .byRequestID:
        ("request-id", "known by RequestId, command and body as long as the first is kept; the ids stay the same")
      case .byBody(let within):
        ("body", "known by command and body for \(within.text); after that the ids are others")
      case .none: ("none", "not looked for; the ids are others each time")
      }
    guard let batch else {
      return ExplainedCallback.Repeats(
        by: by, areKnown: false, idsStay: false, words: "nothing is written down, so there is nothing to repeat")
    }
    return ExplainedCallback.Repeats(
      by: by, areKnown: batch.duplicateKey != nil, idsStay: by == "request-id" && query.requestID != nil,
      words: words)
  }

  private func event(_ index: Int, of batch: any DerivedBatch) -> ExplainedEvent {
    let json = try? JSONSerialization.jsonObject(with: Data(batch.body(at: index))) as? [String: Any]
    func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    return ExplainedEvent(
      id: "\(EventID(batch: batch.id, index: index))", type: batch.kind.type.full, time: json?["time"] as? String ?? "",
      partitionKey: text(batch.orderingKey(at: index)), from: text(batch.text(of: .from, at: index)),
      to: text(batch.text(of: .to, at: index)), group: text(batch.text(of: .group, at: index)),
      account: text(batch.text(of: .account, at: index)))
  }

  private func delivery(
    of batch: any DerivedBatch, among shares: [SubscriberShare], isDecided: Bool
  ) -> SampleDelivery? {
    let chosen = shares.first { subscriber == nil ? !$0.events.isEmpty : $0.name == subscriber }
    guard let chosen, let subscriber = routes.subscribers[chosen.name] else { return nil }
    return SampleDelivery(
      to: subscriber, chosen.events, of: batch, isDecided: isDecided,
      isSigned: routes.forwardingTokens[batch.kind.app] != nil, now: now)
  }
}
