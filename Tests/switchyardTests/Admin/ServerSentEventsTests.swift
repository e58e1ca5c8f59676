import Testing

@testable import switchyard

@Suite("Server-sent events")
struct ServerSentEventsTests {
  private static let stream = """
    : a comment

    event: attempt
    data: {"a":1}
    id: 7

    data: one
    data:  two
    data

    event: nothing

    data:last
    """

  private static let expected = [
    ServerSentEvents.Event(name: "attempt", data: "{\"a\":1}"),
    ServerSentEvents.Event(name: "message", data: "one\n two\n"),
  ]

  @Test("are cut by the standard, whatever ends their lines", arguments: ["\n", "\r\n", "\r"])
  func lines(end: String) {
    var parser = ServerSentEvents()
    #expect(parser.take(Array(Self.stream.replacing("\n", with: end).utf8)) == Self.expected)
  }

  @Test("are the same however their bytes come", arguments: [1, 2, 3, 7])
  func pieces(size: Int) throws {
    var parser = ServerSentEvents()
    let bytes = Array(Self.stream.replacing("\n", with: "\r\n").utf8)
    var events: [ServerSentEvents.Event] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      let complete = parser.take(Array(bytes[start..<min(start + size, bytes.count)]))
      events += try #require(complete)
    }
    #expect(events == Self.expected)
  }

  @Test("are bounded, each by itself")
  func bounds() {
    var parser = ServerSentEvents()
    let half = "data: " + String(repeating: "x", count: ServerSentEvents.maxEventBytes / 2)
    let both = parser.take(Array("\(half)\n\n\(half)\n\n".utf8))
    #expect(both?.count == 2)
    let first = parser.take(Array("\(half)\n".utf8))
    #expect(first == [])
    let second = parser.take(Array("\(half)\n".utf8))
    #expect(second == nil)
  }

  @Test("may have comments between them for ever")
  func comments() {
    var parser = ServerSentEvents()
    let comment = Array((": " + String(repeating: "x", count: 999) + "\n").utf8)
    for _ in 0..<2000 {
      let events = parser.take(comment)
      #expect(events == [])
    }
  }
}
