/// Finds the events of a body by a rule: where each one's item and values stand.
///
/// Used when a callback is accepted, to see whether it has the shape that its command should have, and later to make its
/// events: so both see the same.
package struct EventCutter {
  /// What was found.
  package struct Cut {
    /// In order: one for each item, or just one where the rule has no batch field. None where that is not an array.
    package var events: [EventValues] = []
    /// Whether some object has a key twice that the rule reads in it; the first one counts.
    package var repeatsKey = false
  }

  private let body: CallbackBody
  private let batchField: JSONKey?
  private var shared = EventValues()
  private var sharedRepeatsKey = false
  private var itemFields: [(field: EventField, key: JSONKey)] = []
  private var wholeItemFields: [EventField] = []

  package init(_ rule: DerivationRule, body: CallbackBody) throws(JSONSyntaxError) {
    self.body = body
    batchField = rule.batchField
    for (field, sources) in rule.sources {
      for source in sources.places {
        switch source {
        case .callback(let key): share(body.values(of: key).first ?? .none, as: field)
        case .nested(let outer, let inner):
          for object in body.values(of: outer).prefix(1) { try shareMember(inner, of: object, as: field) }
        case .item(let key): itemFields.append((field, key))
        case .wholeItem: wholeItemFields.append(field)
        }
      }
    }
  }

  package func cut() throws(JSONSyntaxError) -> Cut {
    guard let batchField else { return Cut(events: [shared], repeatsKey: sharedRepeatsKey) }
    var cut = Cut(repeatsKey: sharedRepeatsKey)
    guard let batch = body.values(of: batchField).first, body.type(of: batch) == .array else { return cut }
    var scanner = JSONScanner(body.bytes, within: batch)
    try scanner.enterArray()
    while try scanner.nextElement() {
      cut.events.append(try readItem(&scanner, repeatsKey: &cut.repeatsKey))
    }
    return cut
  }

  /// The first place that has a value counts.
  private mutating func share(_ value: ByteRange, as field: EventField) {
    if shared[field].isEmpty { shared[field] = scalar(value) }
  }

  private mutating func shareMember(_ name: JSONKey, of object: ByteRange, as field: EventField)
    throws(JSONSyntaxError)
  {
    guard body.type(of: object) == .object else { return }
    var scanner = JSONScanner(body.bytes, within: object)
    var isFound = false
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      let value = try scanner.skipValue()
      guard name.matches(key, in: body.bytes) else { continue }
      if isFound { sharedRepeatsKey = true } else { share(value, as: field) }
      isFound = true
    }
  }

  private func readItem(_ scanner: inout JSONScanner, repeatsKey: inout Bool) throws(JSONSyntaxError) -> EventValues {
    var event = shared
    let firstByte = try scanner.peek()
    let start = scanner.offset
    if JSONValueType(firstByte: firstByte) == .object {
      try readMembers(&scanner, into: &event, repeatsKey: &repeatsKey)
    } else {
      try scanner.skipValue()
    }
    event.item = ByteRange(start, scanner.offset)
    for field in wholeItemFields { event[field] = scalar(event.item) }
    return event
  }

  private func readMembers(_ scanner: inout JSONScanner, into event: inout EventValues, repeatsKey: inout Bool)
    throws(JSONSyntaxError)
  {
    var seen = 0
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      let value = try scanner.skipValue()
      for place in itemFields.indices where itemFields[place].key.matches(key, in: body.bytes) {
        if seen & 1 << place != 0 {
          repeatsKey = true
        } else {
          event[itemFields[place].field] = scalar(value)
          seen |= 1 << place
        }
      }
    }
  }

  /// An event takes strings and numbers for values, and nothing else.
  private func scalar(_ value: ByteRange) -> ByteRange {
    guard !value.isEmpty else { return value }
    return switch body.type(of: value) {
    case .string, .number: value
    case .object, .array, .literal: .none
    }
  }
}
