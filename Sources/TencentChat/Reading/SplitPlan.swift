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
    guard let batchField = entry.rule.batchField, let batch = body.values(of: batchField).first else {
      return SplitPlan(type: entry.type, rule: entry.rule.withoutItems, eventCount: 1, unsplitReason: nil)
    }
    guard body.type(of: batch) == .array else { return whole(.batchShape) }
    let cut = try EventCutter(entry.rule, body: body).cut()
    if cut.repeatsKey { return whole(.duplicateKey) }
    guard entry.describes(cut.events, in: body) else { return whole(.batchShape) }
    return SplitPlan(type: entry.type, rule: entry.rule, eventCount: cut.events.count, unsplitReason: nil)
  }

  private static func whole(_ reason: UnsplitReason) -> SplitPlan {
    SplitPlan(type: .callback, rule: .whole, eventCount: 1, unsplitReason: reason)
  }
}
