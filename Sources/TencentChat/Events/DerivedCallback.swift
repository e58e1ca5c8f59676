package import GatewayCore

/// A callback that has been read: its events can be had one by one, each time to the same byte.
///
/// What all its events share is written out once; the rest is copied out of the body as it came.
package struct DerivedCallback: DerivedBatch {
  package let id: BatchID
  package let first: SequenceNumber
  package let eventCount: Int
  package let kind: EventKind
  package let receivedAt: Timestamp
  /// Its body and the scanned one are the same bytes in memory.
  package let record: CallbackRecord

  private let body: CallbackBody
  private let events: [EventValues]
  private let orderingKey: [EventField]
  private let hasOwnTimes: Bool
  private let parts: SharedParts

  init(_ batch: StoredBatch, record: CallbackRecord, body: CallbackBody, rule: DerivationRule, events: [EventValues]) {
    id = batch.id
    first = batch.first
    eventCount = batch.eventCount
    kind = batch.kind
    receivedAt = batch.receivedAt
    self.record = record
    self.body = body
    self.events = events
    orderingKey = rule.orderingKey
    hasOwnTimes = rule.sources[.time]?.isOfItem == true
    let time = hasOwnTimes ? nil : events.first.flatMap { EventTime.moment(of: $0[.time], in: body) }
    parts = SharedParts(batch, record: record, body: body, batchField: rule.batchField, time: time)
  }

  package var requestID: String? { CallbackQuery(record.query).requestID }

  package var size: Int {
    body.bytes.count + body.members.count * MemoryLayout<JSONMember>.stride
      + events.count * MemoryLayout<EventValues>.stride + parts.size + record.query.utf8.count
  }

  package func body(at index: Int) -> [UInt8] {
    let event = events[index]
    let place = Array(String(index).utf8)
    var json: [UInt8] = []
    json.reserveCapacity(parts.size + 3 * event.item.count + Self.roomForValues)
    json += parts.beforeIndex
    json += place
    json += parts.beforeTime
    json += time(of: event)
    appendOrderingKey(of: event, to: &json)
    json += parts.beforeValues
    append(event, to: &json)
    json += parts.beforeBatchIndex
    json += place
    json += parts.end
    return json
  }

  package func text(of field: EventMatch.Field, at index: Int) -> [UInt8]? {
    let event = events[index]
    return switch field {
    case .from: body.text(of: event[.from])
    case .to: body.text(of: event[.to])
    case .group: body.text(of: event[.group])
    case .account: body.text(of: event[.account])
    }
  }

  package func time(at index: Int) -> String { String(decoding: time(of: events[index]), as: UTF8.self) }

  /// Enough for the names around an event's own values; what has more grows.
  private static let roomForValues = 256

  private func time(of event: EventValues) -> [UInt8] {
    guard hasOwnTimes, let moment = EventTime.moment(of: event[.time], in: body) else { return parts.time }
    return Array(moment.description.utf8)
  }

  private func append(_ event: EventValues, to json: inout [UInt8]) {
    for (field, name) in Self.valueNames where !event[field].isEmpty {
      json += name
      appendAccount(event[field], to: &json)
    }
    guard !event.item.isEmpty else { return }
    json += Self.itemName
    json += body.bytes[event.item]
  }

  /// A string as it came. Tencent prints some accounts as bare numbers: they become strings, every digit kept.
  private func appendAccount(_ value: ByteRange, to json: inout [UInt8]) {
    let isBare = body.type(of: value) == .number
    if isBare { json.append(ASCII.quote) }
    json += body.bytes[value]
    if isBare { json.append(ASCII.quote) }
  }

  package func orderingKey(at index: Int) -> [UInt8]? { key(of: events[index]) }

  private func key(of event: EventValues) -> [UInt8]? {
    let values = orderingKey.compactMap { body.text(of: event[$0]) }
    guard !values.isEmpty, values.count == orderingKey.count else { return nil }
    return Array(values.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [ASCII.verticalBar]))
  }

  private func appendOrderingKey(of event: EventValues, to json: inout [UInt8]) {
    guard let key = key(of: event) else { return }
    json += Self.orderingKeyName
    JSONString.append(key, to: &json)
  }

  private static let orderingKeyName = Array(#"","partitionkey":""#.utf8)
  private static let itemName = Array(#","item":"#.utf8)
  private static let valueNames = [EventField.from, .to, .group, .account].map {
    (field: $0, name: Array(",\"\($0.rawValue)\":".utf8))
  }
}
