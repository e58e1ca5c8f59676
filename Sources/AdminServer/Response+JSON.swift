import Foundation
import HTTPTypes
import Hummingbird

extension Response {
  /// One JSON document, keys in the order of their names.
  static func json(
    _ document: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json"
  ) -> Response {
    json(bytes: encode(document), status: status, contentType: contentType)
  }

  /// The same with one more member, whose value is JSON that goes in byte for byte.
  static func json(_ document: some Encodable, with value: [UInt8], as name: String) -> Response {
    let rest = encode(document)
    var bytes = Array("{\"\(name)\":".utf8) + value
    bytes += rest.count > 2 ? [UInt8(ascii: ",")] + rest.dropFirst() : [UInt8(ascii: "}")]
    return json(bytes: bytes, status: .ok, contentType: "application/json")
  }

  static func encode(_ document: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(document))
    } catch {
      preconditionFailure("the documents of the admin door always encode: \(error)")
    }
  }

  private static func json(bytes: [UInt8], status: HTTPResponse.Status, contentType: String) -> Response {
    Response(
      status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
