package import GatewayCore

/// What the gateway knows of one callback command: a row of the catalogue.
package struct CatalogueEntry: Hashable, Sendable {
  /// Whether Tencent asks before a thing happens, or tells after it has.
  package enum Timing: String, Hashable, Sendable { case before, after }

  /// Where an answer says whether a thing may happen.
  package enum ReplyForm: Hashable, Sendable {
    /// In `ErrorCode`.
    case errorCode
    /// In a `ResultCode` for each account (`To_Account`) in this top-level array. `ErrorCode` other than 0 would say that
    /// the app has failed, and the thing would happen.
    case resultForEachAccount(in: JSONKey)
  }

  package let command: String
  package let type: EventType
  package let timing: Timing
  package let rule: DerivationRule
  /// What an item of the batch field may be.
  package let items: Set<JSONValueType>
  package let replyForm: ReplyForm
}

extension CatalogueEntry {
  /// A command whose `batchField`, if it has one, holds an item for each event.
  ///
  /// `from` and `to` taken from an item must be there as strings, or the callback is carried whole.
  package static func after(
    _ command: String, _ type: String, batch batchField: JSONKey? = nil, items: Set<JSONValueType> = [.object],
    fields: [EventField: FieldSources] = [:], key: [EventField] = []
  ) -> CatalogueEntry {
    CatalogueEntry(
      command: command, type: EventType(rawValue: type), timing: .after,
      rule: DerivationRule(batchField: batchField, sources: withTime(fields), orderingKey: key), items: items,
      replyForm: .errorCode)
  }

  /// A command that Tencent waits for: one answer, so one event.
  package static func before(
    _ command: String, _ type: String, fields: [EventField: FieldSources] = [:], key: [EventField] = [],
    reply: ReplyForm = .errorCode
  ) -> CatalogueEntry {
    CatalogueEntry(
      command: command, type: EventType(rawValue: type), timing: .before,
      rule: DerivationRule(sources: withTime(fields), orderingKey: key), items: [],
      replyForm: reply)
  }

  /// All commands with a time have it in the same field, but for those whose row says otherwise.
  private static func withTime(_ fields: [EventField: FieldSources]) -> [EventField: FieldSources] {
    DerivationRule.whole.sources.merging(fields) { $1 }
  }
}
