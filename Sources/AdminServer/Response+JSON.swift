import Foundation
import HTTPTypes
import Hummingbird

extension Response {
  /// One JSON document, keys in the order of their names.
  static func json(
    _ document: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json"
  ) -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let body = ByteBuffer(bytes: try encoder.encode(document))
      return Response(
        status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: body))
    } catch {
      preconditionFailure("the documents of the admin door always encode: \(error)")
    }
  }
}
