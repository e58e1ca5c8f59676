import FuzzDriver
import GatewayCore
import OpenSSLSigner
import TencentChat

/// A callback's body, all the way to its events' JSON.
///
/// The input's first line is the callback's query, all behind it the body. Where neither names a command, the body is
/// looked at as each command's whose fields it has.
@main
enum BodyFuzzer: Fuzzer {
  private static let app = AppConfiguration(id: AppID(rawValue: 1_400_000_000))
  /// 2026-11-20T20:36:00.123Z
  private static let receivedAt = Timestamp(milliseconds: 1_795_206_960_123)
  private static let reader = CallbackReader(digest: OpenSSLDigest()) { time in
    BatchID(high: UInt64(bitPattern: time.milliseconds), low: 7)
  }

  static func check(_ input: [UInt8]) {
    let line = input.prefix { $0 != UInt8(ascii: "\n") }
    let query = String(decoding: line, as: UTF8.self)
    let bytes = Array(input.dropFirst(line.count + 1))
    FoundationJSON.compare(with: bytes)
    let body = try? CallbackBody(bytes)
    DamagedBatchCheck.check(derivation: query, body: body, payload: input)
    if read(bytes, query: query) { return }
    guard let body else { return }
    for command in Self.commands(readableIn: body) {
      require(read(bytes, query: "CallbackCommand=\(command)&\(query)"), "a body that is an object is accepted")
    }
  }

  /// Whether it is accepted, and all is well with its events.
  private static func read(_ bytes: [UInt8], query: String) -> Bool {
    let read: ReadCallback
    do {
      read = try reader.read(
        query: CallbackQuery(query), app: app, peer: "198.51.100.4", traceparent: nil, body: bytes,
        receivedAt: receivedAt)
    } catch {
      return false
    }
    guard let object = FoundationJSON.value(of: bytes) as? [String: Any] else {
      require(false, "a body that is accepted is an object to Foundation")
      return true
    }
    ReplyCheck.check(read)
    let answered = read.answered(read.reply)
    guard let batch = answered.batch else {
      let hasEmptyArray = object.values.contains { ($0 as? [Any])?.isEmpty == true }
      require(hasEmptyArray && read.unsplitReason == nil, "only an empty batch field makes no batch")
      return true
    }
    EventCheck(batch, of: read, body: bytes, object: object).check()
    return true
  }

  /// One command for each shape of callback in the catalogue that has something to do with the body.
  private static func commands(readableIn body: CallbackBody) -> [String] {
    shapes.filter { _, entry in entry.fields.contains { !body.values(of: $0).isEmpty } }.map(\.value.command)
  }

  private static let shapes = Dictionary(
    EventCatalogue.entries.map { (Shape(rule: $0.rule, items: $0.items, reply: $0.replyForm), $0) },
    uniquingKeysWith: { first, _ in first })

  private struct Shape: Hashable {
    let rule: DerivationRule
    let items: Set<JSONValueType>
    let reply: CatalogueEntry.ReplyForm
  }
}

extension CatalogueEntry {
  /// The top-level keys that make a body one of this command's.
  fileprivate var fields: [JSONKey] {
    switch replyForm {
    case .errorCode: rule.topLevelKeys
    case .resultForEachAccount(let field): rule.topLevelKeys + [field]
    }
  }
}
