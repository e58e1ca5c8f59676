package import GatewayCore

/// Cuts the events of a stored batch out of its payload by the rule that was written with it, never by today's catalogue.
package struct CallbackEventDeriver: EventDeriver {
  /// The rules that this version writes, by their texts: reading those each time would cost more than all the rest.
  private static let written = Dictionary(
    (EventCatalogue.entries.flatMap { [$0.rule, $0.rule.withoutItems] } + [.whole]).map { ($0.derivation, $0) },
    uniquingKeysWith: { rule, _ in rule })

  package init() {}

  package func derive(_ batch: StoredBatch) throws(DerivationError) -> any DerivedBatch {
    let rule = if let rule = Self.written[batch.derivation] { rule } else { try DerivationRule(batch.derivation) }
    guard let record = CallbackRecord(decoding: batch.payload) else {
      throw DerivationError("The payload of batch \(batch.id) is not a callback's record.")
    }
    let body: CallbackBody
    let events: [EventValues]
    do {
      body = try CallbackBody(record.body)
      events = try EventCutter(rule, body: body).cut().events
    } catch {
      throw DerivationError("The body of batch \(batch.id) has \(error).")
    }
    guard events.count == batch.eventCount else {
      throw DerivationError("Batch \(batch.id) has \(events.count) events where it should have \(batch.eventCount).")
    }
    return DerivedCallback(batch, record: record, body: body, rule: rule, events: events)
  }
}
