import Foundation
import TencentChat

/// What `receive` shows of a body: whatever it is, it can be shown.
struct ReceivedBody: Sendable {
  enum Content: Sendable {
    case event(ReceivedEvent)
    /// In order; at least one.
    case batch([ReceivedEvent])
    case callback(ReceivedCallback)
    /// - json: On one line; nil when it is not a JSON object or array.
    case other(json: String?)
  }

  let length: Int
  let content: Content

  /// - Parameter query: That of the request, which may name the command of a callback.
  init(_ bytes: [UInt8], query: String = "") {
    length = bytes.count
    content = Self.content(bytes, query: query)
  }

  private static func content(_ bytes: [UInt8], query: String) -> Content {
    guard let text = String(validating: bytes, as: UTF8.self), let value = parse(text, bytes) else {
      return .other(json: nil)
    }
    let json = oneLine(text)
    if let object = value as? [String: Any] {
      if let event = ReceivedEvent(object, json: json) { return .event(event) }
      if let callback = ReceivedCallback(object, query: query, json: json) { return .callback(callback) }
    } else if let values = value as? [Any], let events = events(values, in: bytes) {
      return .batch(events)
    }
    return .other(json: json)
  }

  /// Nil unless each value is an event.
  private static func events(_ values: [Any], in bytes: [UInt8]) -> [ReceivedEvent]? {
    guard !values.isEmpty, let texts = try? elements(of: bytes), texts.count == values.count else { return nil }
    let events = zip(values, texts).compactMap { value, text in
      (value as? [String: Any]).flatMap { ReceivedEvent($0, json: oneLine(text)) }
    }
    return events.count == values.count ? events : nil
  }

  /// The elements of an array as they stand in it.
  private static func elements(of bytes: [UInt8]) throws -> [String] {
    var scanner = try JSONScanner(bytes)
    var texts: [String] = []
    try scanner.enterArray()
    while try scanner.nextElement() {
      texts.append(String(decoding: bytes[try scanner.skipValue()], as: UTF8.self))
    }
    return texts
  }

  /// Foundation guesses other encodings and takes a byte order mark: what starts like this is UTF-8 to it and to us.
  private static func parse(_ text: String, _ bytes: [UInt8]) -> Any? {
    let first = text.utf8.first { !isWhitespace($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), !bytes.contains(0) else { return nil }
    return try? JSONSerialization.jsonObject(with: Data(bytes))
  }

  private static func oneLine(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      let isBreak = scalar.isASCII && isWhitespace(UInt8(scalar.value))
      line.unicodeScalars.append(isBreak ? " " : scalar)
    }.printable
  }

  private static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D
  }
}
