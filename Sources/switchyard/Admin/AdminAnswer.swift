import Foundation

/// A JSON document that the admin door has answered.
struct AdminAnswer: Sendable {
  let body: [UInt8]
  let address: AdminAddress

  /// - Throws: `AdminDoorError` if it is not such a document.
  func read<Document: Decodable>(as type: Document.Type = Document.self) throws -> Document {
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      throw AdminDoorError.strange(
        "\(address) answered with something that this program does not understand; say with --admin where the admin "
          + "door is, or give the gateway the version of this program, \(Product.version)")
    }
  }

  /// The document as it came, on one line, with escapes for what must not reach a terminal. Every digit stays.
  ///
  /// - Throws: `AdminDoorError` if it is no JSON.
  func line() throws -> String {
    let _: JSONValue = try read()
    var line: [UInt8] = []
    line.reserveCapacity(body.count)
    var (isInString, isEscaped) = (false, false)
    for byte in body {
      // White space between tokens is all that JSON lets stand as a control character.
      if !isInString, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t") {
        continue
      }
      if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
      isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self).printable
  }
}
