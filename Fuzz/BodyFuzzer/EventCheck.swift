import Foundation
import FuzzDriver
import GatewayCore
import TencentChat

/// The events of a callback that was accepted: each is JSON to Foundation, says what the callback says, and holds its
/// pieces byte for byte.
struct EventCheck {
  private let new: NewBatch
  private let derived: any DerivedBatch
  private let rule: DerivationRule
  private let body: CallbackBody
  /// The body as Foundation reads it.
  private let object: [String: Any]

  init(_ batch: NewBatch, of read: ReadCallback, body bytes: [UInt8], object: [String: Any]) {
    let stored = StoredBatch(
      first: SequenceNumber(rawValue: 7), eventCount: batch.eventCount, id: batch.id, kind: batch.kind,
      receivedAt: batch.receivedAt, derivation: batch.derivation, payload: batch.payload)
    do {
      derived = try CallbackEventDeriver().derive(stored)
      rule = try DerivationRule(batch.derivation)
      body = try CallbackBody(bytes)
    } catch {
      fatalError("what was accepted cannot be cut into events: \(error)")
    }
    new = batch
    self.object = object
    require(rule.derivation == batch.derivation, "the text of a rule is read back", batch.derivation.rawValue)
    require(derived.record.body == bytes, "the body is kept as it came")
    if read.unsplitReason != nil {
      require(batch.eventCount == 1 && batch.kind.type == .callback, "a callback carried whole is one event")
    }
  }

  func check() {
    let items = rule.batchField.flatMap { object[$0.description] as? [Any] }
    require(items?.count ?? 1 == derived.eventCount, "there is an event for each item", "\(derived.eventCount)")
    // All events are made alike: of very many some will do.
    for index in Set((0..<derived.eventCount).prefix(8) + (0..<derived.eventCount).suffix(2)) {
      check(index, item: items?[index])
    }
  }

  private func check(_ index: Int, item: Any?) {
    let bytes = derived.body(at: index)
    require(bytes == derived.body(at: index), "an event has the same bytes each time")
    guard let event = FoundationJSON.value(of: bytes) as? [String: Any], let data = event["data"] as? [String: Any]
    else {
      require(false, "an event is an object with data", String(decoding: bytes, as: UTF8.self))
      return
    }
    checkNames(event, data, index)
    checkPieces(of: bytes)
    let decision = derived.record.decision.flatMap { FoundationJSON.value(of: $0) }
    require(isEqual(data["decision"], decision), "an event has what was decided", "\(data)")
    require(isEqual(data["item"], item), "an event has its item", "\(String(describing: data["item"]))")
    for field in EventMatch.Field.allCases {
      checkText(derived.text(of: field, at: index), is: data[field.rawValue], "text of \(field)")
    }
    checkText(derived.orderingKey(at: index), is: event["partitionkey"], "ordering key")
  }

  private func checkNames(_ event: [String: Any], _ data: [String: Any], _ index: Int) {
    let place = data["batch"] as? [String: Any]
    require(event["id"] as? String == "\(new.id)-\(index)", "the id is the batch's and the index")
    require(place?["index"] as? Int == index && place?["size"] as? Int == new.eventCount, "an event knows its place")
    require(event["type"] as? String == new.kind.type.full, "the type is the batch's")
    checkText(Array(new.kind.command.utf8), is: data["command"], "command")
    // Reading times takes long, and events of one batch are written alike.
    if index == 0 {
      require((event["time"] as? String).flatMap { Timestamp($0) } != nil, "the time is RFC 3339", "\(event)")
    }
  }

  /// Strings are the same byte for byte; a number's text is its digits, about which Foundation may be of another opinion.
  private func checkText(_ text: [UInt8]?, is value: Any?, _ what: String) {
    let isSame =
      switch value {
      case nil: text == nil
      case let string as String: text == Array(string.utf8)
      default: text?.isEmpty == false
      }
    require(
      isSame, "the \(what) is what the event's JSON says",
      "\(String(decoding: text ?? [], as: UTF8.self)) and \(String(describing: value))")
  }

  private func isEqual(_ left: Any?, _ right: Any?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return NSArray(array: [left]).isEqual(to: [right])
  }
}

extension EventCheck {
  /// The item stands in the body, and all the body's other members stand in the event, in order.
  private func checkPieces(of event: [UInt8]) {
    guard let event = try? CallbackBody(event), let data = value("data", of: event) else { return }
    if let item = piece("item", of: data) {
      require(Data(body.bytes).range(of: Data(item)) != nil, "the item stands in the body as it came")
    }
    let left = [CallbackBody.commandKey] + [rule.batchField].compactMap(\.self)
    let members = body.members.filter { member in !left.contains { $0.matches(member.key, in: body.bytes) } }
    guard let callback = value("callback", of: data) else {
      require(false, "an event has a callback")
      return
    }
    require(
      pieces(callback.members, of: callback) == pieces(members, of: body), "the callback's members are as they came")
  }

  private func piece(_ key: JSONKey, of object: CallbackBody) -> [UInt8]? {
    object.values(of: key).first.map { Array(object.bytes[$0]) }
  }

  private func value(_ key: JSONKey, of object: CallbackBody) -> CallbackBody? {
    piece(key, of: object).flatMap { try? CallbackBody($0) }
  }

  private func pieces(_ members: [JSONMember], of object: CallbackBody) -> [[UInt8]] {
    members.flatMap { [Array(object.bytes[$0.key]), Array(object.bytes[$0.value])] }
  }
}
