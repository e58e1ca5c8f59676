import Foundation
import GatewayCore
import OpenSSLSigner
import TencentChat

/// A callback's way through the room, with everything that is not being tested filled in.
enum Fixture {
  static let app = AppConfiguration(id: AppID(rawValue: 1_400_000_000))
  /// 2026-11-20T20:36:00.123Z
  static let receivedAt = Timestamp(milliseconds: 1_795_206_960_123)
  static let requestID = "00000000-0000-4000-8000-000000000001"
  static let newID = BatchID("0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11")

  static func query(_ command: String?) -> String {
    let name = command.map { "CallbackCommand=\($0)&" } ?? ""
    return "\(name)ClientIP=203.0.113.7&OptPlatform=iOS&RequestId=\(requestID)&SdkAppid=1400000000&contenttype=json"
  }

  static func read(
    _ body: [UInt8], query: String, app: AppConfiguration = app, catalogue: [CatalogueEntry] = EventCatalogue.entries
  ) throws -> ReadCallback {
    let reader = CallbackReader(digest: OpenSSLDigest(), catalogue: catalogue) { _ in newID! }
    return try reader.read(
      query: CallbackQuery(query), app: app, peer: "198.51.100.4", traceparent: nil, body: body, receivedAt: receivedAt)
  }

  /// Reads a callback whose query names the command.
  static func read(
    _ command: String, _ body: String, catalogue: [CatalogueEntry] = EventCatalogue.entries
  ) throws -> ReadCallback {
    try read(Array(body.utf8), query: query(command), catalogue: catalogue)
  }

  static func stored(_ batch: NewBatch) -> StoredBatch {
    StoredBatch(batch, at: SequenceNumber(rawValue: 7))
  }

  static func bodies(_ batch: NewBatch) throws -> [String] {
    let derived = try CallbackEventDeriver().derive(stored(batch))
    return (0..<derived.eventCount).map { String(decoding: derived.body(at: $0), as: UTF8.self) }
  }

  /// The events' JSON of a callback whose query names the command.
  static func events(
    _ command: String, _ body: String, catalogue: [CatalogueEntry] = EventCatalogue.entries
  ) throws -> [String] {
    let read = try read(command, body, catalogue: catalogue)
    guard let batch = read.answered(read.reply).batch else { return [] }
    return try bodies(batch)
  }

  /// What stands in a JSON text between two pieces of text.
  static func part(of json: String, from start: String, to end: String) -> String? {
    guard let from = json.range(of: start)?.upperBound, let to = json[from...].range(of: end)?.lowerBound else {
      return nil
    }
    return String(json[from..<to])
  }
}
