/// Where the value of an event's field stands in the callback.
package enum FieldSource: Hashable, Sendable {
  /// A member of the body's top level: all events of the callback share it.
  case callback(JSONKey)
  /// A member of the item, which must be an object.
  case item(JSONKey)
  /// The item itself, a string or a number.
  case wholeItem

  package var isOfItem: Bool {
    switch self {
    case .callback: false
    case .item, .wholeItem: true
    }
  }
}

extension FieldSource {
  /// `callback.KEY`, `item.KEY` or `item`.
  init?(text: Substring) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts.first, parts.dropFirst().first) {
    case ("callback", let key?) where !key.isEmpty: self = .callback(JSONKey(key))
    case ("item", let key?) where !key.isEmpty: self = .item(JSONKey(key))
    case ("item", nil): self = .wholeItem
    default: return nil
    }
  }

  var text: String {
    switch self {
    case .callback(let key): "callback.\(key)"
    case .item(let key): "item.\(key)"
    case .wholeItem: "item"
    }
  }
}
