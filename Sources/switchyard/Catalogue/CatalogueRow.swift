import GatewayCore
import TencentChat

/// One row of the catalogue, in words.
struct CatalogueRow: Encodable {
  struct Value: Encodable {
    var field: String
    /// As in `item.To_Account`, or `From_Account` of the body.
    var source: String
  }

  var command: String
  var timing: String
  var type: String
  /// The array with an event for each item.
  var batch: String?
  var values: [Value]
  var orderedBy: String?
  /// As in `EventTime (ms) or MsgTime (s)`.
  var time: String

  init(_ entry: CatalogueEntry) {
    func source(of field: EventField) -> String? {
      entry.rule.sources[field].map { Self.words($0.places.map(Self.word)) }
    }
    command = entry.command
    timing = entry.timing.rawValue
    type = entry.type.rawValue
    batch = entry.rule.batchField?.description
    values = [EventField.from, .to, .group, .account].compactMap { field in
      source(of: field).map { Value(field: field.rawValue, source: $0) }
    }
    let key = entry.rule.orderingKey.map { $0 == .subject ? source(of: $0) ?? "" : $0.rawValue }
    orderedBy = key.isEmpty ? nil : key.joined(separator: ", ")
    let times = entry.rule.sources[.time]?.places ?? []
    time = Self.words(
      times.map { place in
        [Self.word(place), EventCatalogue.timeUnits[place].map { "(\($0.rawValue))" }].compactMap(\.self)
          .joined(separator: " ")
      })
  }

  private static func words(_ places: [String]) -> String { places.joined(separator: " or ") }

  private static func word(_ place: FieldSource) -> String {
    switch place {
    case .callback(let key): key.description
    case .nested(let outer, let inner): "\(outer).\(inner)"
    case .item, .wholeItem: place.text
    }
  }
}
