package import GatewayCore

/// What the gateway knows of one callback command: a row of the catalogue.
package struct CatalogueEntry: Hashable, Sendable {
  /// Whether Tencent asks before a thing happens, or tells after it has.
  package enum Timing: Hashable, Sendable { case before, after }

  /// What Tencent is answered when nobody decides.
  package enum NeutralReply: Hashable, Sendable {
    case ok
    /// OK with result 0 for each account (`To_Account`) in this top-level array.
    case okForEachAccount(in: JSONKey)
  }

  package let command: String
  package let type: EventType
  package let timing: Timing
  package let rule: DerivationRule
  /// What each item of the batch field must be.
  package let items: JSONValueType
  package let neutralReply: NeutralReply
}

extension CatalogueEntry {
  /// A command whose `batchField`, if it has one, holds an item for each event.
  ///
  /// Fields taken from an item must be there as strings, or the callback is carried whole.
  package static func after(
    _ command: String, _ type: String, batch batchField: JSONKey? = nil, items: JSONValueType = .object,
    fields: [EventField: FieldSource] = [:], key: [EventField] = []
  ) -> CatalogueEntry {
    CatalogueEntry(
      command: command, type: EventType(rawValue: type), timing: .after,
      rule: DerivationRule(batchField: batchField, sources: withTime(fields), orderingKey: key), items: items,
      neutralReply: .ok)
  }

  /// A command that Tencent waits for: one answer, so one event.
  package static func before(
    _ command: String, _ type: String, fields: [EventField: FieldSource] = [:], key: [EventField] = [],
    reply: NeutralReply = .ok
  ) -> CatalogueEntry {
    CatalogueEntry(
      command: command, type: EventType(rawValue: type), timing: .before,
      rule: DerivationRule(sources: withTime(fields), orderingKey: key), items: .object, neutralReply: reply)
  }

  /// All commands with a time have it in the same field, but for those whose row says otherwise.
  private static func withTime(_ fields: [EventField: FieldSource]) -> [EventField: FieldSource] {
    DerivationRule.whole.sources.merging(fields) { $1 }
  }
}
