import GatewayCore

/// The pieces of an event's JSON that all events of one callback share, in the order in which they stand in it. A piece
/// ends where something begins that an event has for itself.
struct SharedParts: Sendable {
  /// Ends inside the id, before the index.
  let beforeIndex: [UInt8]
  /// Ends behind the opening quote of the time.
  let beforeTime: [UInt8]
  /// The time of events that have none of their own, without quotes.
  let time: [UInt8]
  /// Begins with the closing quote of the time, or of the partition key that stands between the two.
  let beforeValues: [UInt8]
  /// Ends before the index in `batch`.
  let beforeBatchIndex: [UInt8]
  let end: [UInt8]

  /// - Parameter time: the callback's own time; nil: that of receipt.
  init(_ batch: StoredBatch, record: CallbackRecord, body: CallbackBody, batchField: JSONKey?, time: Timestamp?) {
    let kind = batch.kind
    let id = batch.id.description
    let receivedAt = batch.receivedAt.description
    beforeIndex = Array("{\"specversion\":\"1.0\",\"id\":\"\(id)-".utf8)
    beforeTime =
      Array("\",\"source\":\"/tencent-chat/apps/\(kind.app)\",\"type\":".utf8) + JSONString.literal(kind.type.full)
      + Array(",\"time\":\"".utf8)
    self.time = Array((time?.description ?? receivedAt).utf8)
    beforeValues =
      Array("\",\"datacontenttype\":\"application/json\",\"data\":{\"sdkAppId\":\(kind.app),\"command\":".utf8)
      + JSONString.literal(kind.command)
    beforeBatchIndex =
      Self.callback(body, without: [CallbackBody.commandKey, batchField].compactMap(\.self))
      + Self.decision(record)
      + Array(",\"batch\":{\"id\":\"\(id)\",\"index\":".utf8)
    end =
      Array(",\"size\":\(batch.eventCount)}".utf8) + Self.client(CallbackQuery(record.query))
      + Array(",\"receivedAt\":\"\(receivedAt)\"}}".utf8)
  }

  var size: Int {
    beforeIndex.count + beforeTime.count + time.count + beforeValues.count + beforeBatchIndex.count + end.count
  }

  /// The body's other members, keys and values as they came, in their order.
  private static func callback(_ body: CallbackBody, without left: [JSONKey]) -> [UInt8] {
    let members = body.members.filter { member in !left.contains { $0.matches(member.key, in: body.bytes) } }
    var json = Array(",\"callback\":{".utf8)
    for (index, member) in members.enumerated() {
      if index > 0 { json.append(ASCII.comma) }
      json += body.bytes[member.key]
      json.append(ASCII.colon)
      json += body.bytes[member.value]
    }
    json.append(ASCII.rightBrace)
    return json
  }

  private static func decision(_ record: CallbackRecord) -> [UInt8] {
    record.decision.map { Array(",\"decision\":".utf8) + $0 } ?? []
  }

  private static func client(_ query: CallbackQuery) -> [UInt8] {
    let values = [("ip", query.clientIP), ("platform", query.platform)].compactMap { name, value in
      value.map { Array("\"\(name)\":".utf8) + JSONString.literal($0) }
    }
    guard !values.isEmpty else { return [] }
    return Array(",\"client\":{".utf8) + values.joined(separator: [ASCII.comma]) + [ASCII.rightBrace]
  }
}
