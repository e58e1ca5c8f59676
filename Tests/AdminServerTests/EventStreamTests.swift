import Testing

@testable import AdminServer

@Suite("What waits for a listener")
struct EventStreamTests {
  @Test(
    "an event is written line by line, and cannot forge another",
    arguments: [
      ("one line", "data: one line\n"), ("", "data: \n"), ("two\nlines", "data: two\ndata: lines\n"),
      ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n"), ("\n\nevent: forged", "data: \ndata: \ndata: event: forged\n"),
    ])
  func text(data: String, lines: String) {
    #expect(ServerSentEvent("attempt", data: data).text == "event: attempt\n\(lines)\n")
  }

  @Test("is taken all at once, in order")
  func order() async {
    let stream = EventStream(capacity: 1000)
    for number in 1...3 { stream.send(ServerSentEvent("n", data: "\(number)")) }
    #expect(await stream.next() == "event: n\ndata: 1\n\nevent: n\ndata: 2\n\nevent: n\ndata: 3\n\n")
  }

  @Test("is bounded: what finds no room is left out, and its sender knows")
  func bound() async {
    let event = ServerSentEvent("n", data: "1234")
    let stream = EventStream(capacity: event.text.utf8.count * 2)
    let sent = (1...3).map { _ in stream.send(event) }
    #expect(sent == [true, true, false])
    #expect(await stream.next() == event.text + event.text)
    let sentAgain = stream.send(event)
    #expect(sentAgain)
  }

  @Test("is still given out after the end, and nothing more is taken")
  func end() async {
    let stream = EventStream(capacity: 1000)
    let event = ServerSentEvent("last", data: "")
    stream.send(event)
    stream.end()
    let late = stream.send(event)
    #expect(!late)
    #expect(await stream.next() == event.text)
    #expect(await stream.next() == nil)
  }

  @Test("is waited for, until something comes or the task is cancelled")
  func waiting() async {
    let stream = EventStream(capacity: 1000)
    async let next = stream.next()
    stream.send(ServerSentEvent("n", data: ""))
    #expect(await next == "event: n\ndata: \n\n")
    let waiter = Task { await stream.next() }
    waiter.cancel()
    #expect(await waiter.value == nil)
  }

  @Test("has a beat when nothing else came since the last one")
  func beat() async {
    let stream = EventStream(capacity: 1000)
    stream.beat()
    #expect(await stream.next() == ":\n\n")
    stream.beat()  // Busy with the beat before: it shows as much.
    stream.beat()
    #expect(await stream.next() == ":\n\n")
    let event = ServerSentEvent("n", data: "")
    stream.send(event)
    stream.beat()
    #expect(await stream.next() == event.text)
  }
}
