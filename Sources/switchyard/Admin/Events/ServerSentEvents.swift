/// Cuts a stream of server-sent events (the HTML standard, section 9.2) into events, however its bytes come.
struct ServerSentEvents: Sendable {
  struct Event: Hashable, Sendable {
    var name: String
    var data: String
  }

  /// Of one event, with all its lines.
  static let maxEventBytes = 1 << 20

  private var line: [UInt8] = []
  private var name = ""
  private var data: [String] = []
  private var size = 0
  private var lastWasReturn = false

  /// - Returns: The events that these bytes complete; nil if one is longer than any may be.
  mutating func take(_ bytes: [UInt8]) -> [Event]? {
    var events: [Event] = []
    for byte in bytes {
      // "\r\n" is one end of a line.
      let isSecond = lastWasReturn && byte == UInt8(ascii: "\n")
      lastWasReturn = byte == UInt8(ascii: "\r")
      if isSecond { continue }
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        size += 1
        guard size <= Self.maxEventBytes else { return nil }
        line.append(byte)
        continue
      }
      if let event = endLine() { events.append(event) }
    }
    return events
  }

  private mutating func endLine() -> Event? {
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else { return endEvent() }
    let text = String(decoding: line, as: UTF8.self)
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let rest = text[colon...].dropFirst()
    let content = rest.first == " " ? rest.dropFirst() : rest
    switch text[..<colon] {
    case "event": name = String(content)
    case "data": data.append(String(content))
    // A comment, which keeps the connection alive, counts for nothing.
    case "": size = data.isEmpty && name.isEmpty ? 0 : size
    default: break
    }
    return nil
  }

  private mutating func endEvent() -> Event? {
    defer { (name, data, size) = ("", [], 0) }
    guard !data.isEmpty else { return nil }
    return Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
  }
}
