package import GatewayCore

/// How events are cut from a callback: everything about it that their bytes depend on, besides the kind.
///
/// Its text is written with every batch, and a batch is cut by that text for ever. So the meaning of a text never
/// changes: a new meaning takes a new revision, and the old ones stay readable.
package struct DerivationRule: Hashable, Sendable {
  /// The top-level array with an event for each of its items; nil: one event for the whole callback, without an item.
  package let batchField: JSONKey?
  package let sources: [EventField: FieldSources]
  /// The fields whose decoded values, in byte order and joined by `|`, order events; empty: nothing orders them.
  package let orderingKey: [EventField]
  /// As in `1 batch=PairList from=item.From_Account to=item.To_Account time=callback.EventTime key=from,to`.
  package let derivation: Derivation

  package init(batchField: JSONKey? = nil, sources: [EventField: FieldSources] = [:], orderingKey: [EventField] = []) {
    self.batchField = batchField
    self.sources = sources
    self.orderingKey = orderingKey
    derivation = Self.text(batchField, sources, orderingKey)
  }

  /// A callback carried whole. Nearly every command has its time in the same field.
  package static let whole = DerivationRule(sources: [.time: .callback("EventTime")])

  /// The same without a batch field and without what would come from its items.
  package var withoutItems: DerivationRule {
    let shared = sources.filter { !$0.value.isOfItem }
    return DerivationRule(sources: shared, orderingKey: orderingKey.allSatisfy { shared[$0] != nil } ? orderingKey : [])
  }

  /// The top-level keys it reads.
  package var topLevelKeys: [JSONKey] {
    let fields = sources.values.flatMap(\.places).compactMap(\.topLevelKey)
    return [batchField].compactMap(\.self) + fields
  }
}

extension DerivationRule {
  private static let revision = "1"

  private static func text(
    _ batchField: JSONKey?, _ sources: [EventField: FieldSources], _ orderingKey: [EventField]
  ) -> Derivation {
    var words = [revision]
    if let batchField { words.append("batch=\(batchField)") }
    for field in EventField.allCases {
      if let source = sources[field] { words.append("\(field.rawValue)=\(source.text)") }
    }
    if !orderingKey.isEmpty { words.append("key=" + orderingKey.map(\.rawValue).joined(separator: ",")) }
    return Derivation(rawValue: words.joined(separator: " "))
  }

  /// Reads the text of a derivation back.
  package init(_ derivation: Derivation) throws(DerivationError) {
    var batchField: JSONKey?
    var sources: [EventField: FieldSources] = [:]
    var orderingKey: [EventField] = []
    let words = derivation.rawValue.split(separator: " ", omittingEmptySubsequences: false)
    guard words.first == Self.revision[...] else {
      throw DerivationError("A newer version wrote the batch: its rule is \"\(derivation.rawValue)\".")
    }
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.dropFirst().first ?? ""
      if parts[0] == "batch", !value.isEmpty {
        batchField = JSONKey(value)
      } else if parts[0] == "key", let fields = Self.fields(value) {
        orderingKey = fields
      } else if let field = EventField(rawValue: String(parts[0])), let source = FieldSources(text: value) {
        sources[field] = source
      } else {
        throw DerivationError("The batch's rule \"\(derivation.rawValue)\" cannot be read at \"\(word)\".")
      }
    }
    self.init(batchField: batchField, sources: sources, orderingKey: orderingKey)
  }

  /// Nil if some name is none of a field.
  private static func fields(_ list: Substring) -> [EventField]? {
    let names = list.split(separator: ",", omittingEmptySubsequences: false)
    let fields = names.compactMap { EventField(rawValue: String($0)) }
    return fields.count == names.count ? fields : nil
  }
}
