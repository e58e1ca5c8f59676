import FuzzDriver
import GatewayCore
import TencentChat

/// Batches that this version has not written: a rule and a payload by chance, as after damage or of another version. They
/// are refused or cut, by what the rule says.
enum DamagedBatchCheck {
  static func check(derivation text: String, body: CallbackBody?, payload: [UInt8]) {
    let derivation = Derivation(rawValue: text)
    _ = derived(derivation, payload: payload, eventCount: 1)
    guard let rule = try? DerivationRule(derivation) else { return }
    require((try? DerivationRule(rule.derivation)) == rule, "the text of a rule is read back", rule.derivation.rawValue)
    guard let body, let cut = try? EventCutter(rule, body: body).cut() else { return }
    let record = CallbackRecord(query: "", peer: "", traceparent: nil, body: body.bytes)
    guard let batch = derived(derivation, payload: record.encoded(), eventCount: cut.events.count) else {
      require(false, "a rule that can be read cuts a body that can be read", text)
      return
    }
    for index in 0..<min(batch.eventCount, 4) { look(at: index, of: batch) }
  }

  private static func look(at index: Int, of batch: any DerivedBatch) {
    _ = FoundationJSON.value(of: batch.body(at: index))
    _ = batch.orderingKey(at: index)
    for field in EventMatch.Field.allCases { _ = batch.text(of: field, at: index) }
  }

  private static func derived(_ derivation: Derivation, payload: [UInt8], eventCount: Int) -> (any DerivedBatch)? {
    let kind = EventKind(app: AppID(rawValue: 1), type: .callback, command: "Some.\"Command\"")
    let batch = StoredBatch(
      first: SequenceNumber(rawValue: 1), eventCount: eventCount, id: BatchID(high: 1, low: 2), kind: kind,
      receivedAt: Timestamp(milliseconds: 0), derivation: derivation, payload: payload)
    return try? CallbackEventDeriver().derive(batch)
  }
}
