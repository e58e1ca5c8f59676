import GatewayCore

/// How one callback becomes events: decided once, when it is accepted.
struct SplitPlan {
  let type: EventType
  let rule: DerivationRule
  /// 0 only for an empty batch field.
  let eventCount: Int
  let unsplitReason: UnsplitReason?

  /// - Parameter entry: the catalogue's row for the command that counts; nil if there is none.
  /// - Parameter agreesOnCommand: whether the body names that command too, or none.
  static func plan(for body: CallbackBody, entry: CatalogueEntry?, agreesOnCommand: Bool)
    throws(JSONSyntaxError) -> SplitPlan
  {
    guard agreesOnCommand else { return whole(.commandMismatch) }
    guard let entry else { return whole(.unknownCommand) }
    let keys = [CallbackBody.commandKey] + entry.rule.topLevelKeys
    guard keys.allSatisfy({ body.values(of: $0).count <= 1 }) else { return whole(.duplicateKey) }
    let batch = entry.rule.batchField.flatMap { body.values(of: $0).first }
    guard batch.map({ body.type(of: $0) == .array }) ?? true else { return whole(.batchShape) }
    let rule = batch == nil ? entry.rule.withoutItems : entry.rule
    let cut = try EventCutter(rule, body: body).cut()
    if cut.repeatsKey { return whole(.duplicateKey) }
    guard batch == nil || entry.describes(cut.events, in: body) else { return whole(.batchShape) }
    return SplitPlan(type: entry.type, rule: rule, eventCount: cut.events.count, unsplitReason: nil)
  }

  private static func whole(_ reason: UnsplitReason) -> SplitPlan {
    SplitPlan(type: .callback, rule: .whole, eventCount: 1, unsplitReason: reason)
  }
}
