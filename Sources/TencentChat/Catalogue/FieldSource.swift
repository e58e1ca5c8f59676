/// Where the value of an event's field stands in the callback.
package enum FieldSource: Hashable, Sendable {
  /// A member of the body's top level: all events of the callback share it.
  case callback(JSONKey)
  /// A member of an object that is itself a member of the top level.
  case nested(JSONKey, JSONKey)
  /// A member of the item, which must be an object.
  case item(JSONKey)
  /// The item itself, a string or a number.
  case wholeItem

  package var isOfItem: Bool {
    switch self {
    case .callback, .nested: false
    case .item, .wholeItem: true
    }
  }

  /// The member of the body's top level that it is, or stands in.
  package var topLevelKey: JSONKey? {
    switch self {
    case .callback(let key), .nested(let key, _): key
    case .item, .wholeItem: nil
    }
  }
}

extension FieldSource {
  /// `callback.KEY`, `callback.KEY/KEY`, `item.KEY` or `item`.
  init?(text: some StringProtocol) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts.first, parts.dropFirst().first) {
    case ("callback", let path?):
      let names = path.split(separator: "/", omittingEmptySubsequences: false)
      guard !names.contains("") else { return nil }
      switch names.count {
      case 1: self = .callback(JSONKey(names[0]))
      case 2: self = .nested(JSONKey(names[0]), JSONKey(names[1]))
      default: return nil
      }
    case ("item", let key?) where !key.isEmpty: self = .item(JSONKey(key))
    case ("item", nil): self = .wholeItem
    default: return nil
    }
  }

  package var text: String {
    switch self {
    case .callback(let key): "callback.\(key)"
    case .nested(let outer, let inner): "callback.\(outer)/\(inner)"
    case .item(let key): "item.\(key)"
    case .wholeItem: "item"
    }
  }
}

/// The places where a field's value may stand: the first that has one counts. Those of the item come alone.
package struct FieldSources: Hashable, Sendable, ExpressibleByArrayLiteral {
  package let places: [FieldSource]

  package init(_ places: [FieldSource]) {
    precondition(places.count == 1 || places.allSatisfy { !$0.isOfItem } && !places.isEmpty)
    self.places = places
  }

  package init(arrayLiteral places: FieldSource...) { self.init(places) }

  package static func callback(_ keys: JSONKey...) -> FieldSources { FieldSources(keys.map(FieldSource.callback)) }
  package static func nested(_ outer: JSONKey, _ inner: JSONKey) -> FieldSources { [.nested(outer, inner)] }
  package static func item(_ key: JSONKey) -> FieldSources { [.item(key)] }
  package static let wholeItem: FieldSources = [.wholeItem]

  package var isOfItem: Bool { places[0].isOfItem }

  package var text: String { places.map(\.text).joined(separator: "|") }

  /// Nil for what is not the text of any.
  init?(text: Substring) {
    let words = text.split(separator: "|", omittingEmptySubsequences: false)
    let places = words.compactMap { FieldSource(text: $0) }
    guard places.count == words.count, places.count == 1 || places.allSatisfy({ !$0.isOfItem }) else { return nil }
    self.places = places
  }
}
