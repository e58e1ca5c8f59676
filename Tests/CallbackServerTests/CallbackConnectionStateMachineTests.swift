import CallbackServer
import NIOCore
import NIOHTTP1
import Testing

@Suite("A connection's state machine")
struct CallbackConnectionStateMachineTests {
  private let limits = CallbackServerLimits()
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private func machine() -> CallbackConnectionStateMachine {
    CallbackConnectionStateMachine(limits: limits, openedAt: start)
  }

  private func request(length: Int = 10, fields: [(String, String)] = []) -> RequestOutline {
    RequestOutline(
      HTTPRequestHead(
        version: .http1_1, method: .POST, uri: "/",
        headers: HTTPHeaders([("Content-Length", String(length))] + fields)))
  }

  @Test("A request that is read and answered leaves the connection open for the idle time")
  func wholeRequest() {
    var machine = machine()
    machine.requestBegins(at: start)
    #expect(machine.headArrived(request(), isAdmitted: true, at: start) == .readBody(invite: false))
    #expect(machine.bodyArrived(10) == .keep)
    #expect(machine.requestEnded() == .accept)
    #expect(machine.input == .held)
    #expect(machine.deadline == nil)
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .keepOpen)
    #expect(machine.input == .taken)
    #expect(machine.deadline == start + .seconds(120))
  }

  @Test("A head counts its time from its first byte, and further bytes win no more of it")
  func slowHead() {
    var machine = machine()
    #expect(machine.deadline == start + .seconds(30))
    machine.requestBegins(at: start)
    machine.requestBegins(at: start + .seconds(9))
    #expect(machine.deadline == start + .seconds(10))
    #expect(machine.deadlineReached(at: start + .seconds(9)) == .nothing)
    #expect(machine.deadlineReached(at: start + .seconds(10)) == .refuse(.headTooSlow))
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .linger)
  }

  @Test("A body counts its time from the end of its head")
  func slowBody() {
    var machine = machine()
    machine.requestBegins(at: start)
    _ = machine.headArrived(request(), isAdmitted: true, at: start + .seconds(3))
    #expect(machine.bodyArrived(1) == .keep)
    #expect(machine.deadlineReached(at: start + .seconds(13)) == .refuse(.bodyTooSlow))
  }

  @Test("A connection that sends nothing is closed without a word")
  func silence() {
    var fresh = machine()
    #expect(fresh.deadlineReached(at: start + .seconds(30)) == .close)
    #expect(fresh.input == .discarded)
  }

  @Test("A refused request with a body is answered before the body, and the rest of the input thrown away")
  func refusedWithBody() {
    var machine = machine()
    machine.requestBegins(at: start)
    #expect(machine.headArrived(request(), isAdmitted: false, at: start) == .answerNow)
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .linger)
    #expect(machine.input == .discarded)
    #expect(machine.discarded(limits.lingerSize) == false)
    #expect(machine.discarded(1) == true)
    #expect(machine.deadlineReached(at: start + .seconds(5)) == .close)
  }

  @Test("A refused request without a body is answered at its end, and the connection stays")
  func refusedWithoutBody() {
    var machine = machine()
    machine.requestBegins(at: start)
    #expect(machine.headArrived(request(length: 0), isAdmitted: false, at: start) == .answerAtEnd)
    #expect(machine.requestEnded() == .answer)
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .keepOpen)
  }

  @Test("A body may be as large as the limit and not a byte larger")
  func bodyLimit() {
    var machine = machine()
    machine.requestBegins(at: start)
    _ = machine.headArrived(request(), isAdmitted: true, at: start)
    #expect(machine.bodyArrived(limits.bodySize) == .keep)
    #expect(machine.bodyArrived(1) == .refuse(.bodyTooLarge))
    #expect(machine.bodyArrived(1) == .discard)
  }

  @Test("A client is invited to send its body only when it has one and its head is in order")
  func invitation() {
    let expecting = [("Expect", "100-continue")]
    var admitted = machine()
    #expect(admitted.headArrived(request(fields: expecting), isAdmitted: true, at: start) == .readBody(invite: true))
    var empty = machine()
    let nothing = request(length: 0, fields: expecting)
    #expect(empty.headArrived(nothing, isAdmitted: true, at: start) == .readBody(invite: false))
    var refused = machine()
    #expect(refused.headArrived(request(fields: expecting), isAdmitted: false, at: start) == .answerNow)
  }

  @Test("A client that asks for the connection to close gets its answer first, then a plain close")
  func closeAsked() {
    var machine = machine()
    _ = machine.headArrived(request(fields: [("Connection", "close")]), isAdmitted: true, at: start)
    _ = machine.requestEnded()
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .close)
  }

  @Test("A close with more requests already here lingers, so that the answer is not lost to a reset")
  func closeWithPipelinedRequests() {
    var machine = machine()
    _ = machine.headArrived(request(), isAdmitted: true, at: start)
    _ = machine.requestEnded()
    #expect(machine.answered(isLast: true, moreIsHere: true, at: start) == .linger)
  }

  @Test("A client that ends its side in the middle of a body is told so; between requests it is let go")
  func inputEnds() {
    var inBody = machine()
    _ = inBody.headArrived(request(), isAdmitted: true, at: start)
    #expect(inBody.inputEnded() == .refuse(.bodyCutShort))
    #expect(inBody.answered(isLast: false, moreIsHere: false, at: start) == .close)
    var between = machine()
    #expect(between.inputEnded() == .close)
    var answering = machine()
    _ = answering.headArrived(request(), isAdmitted: true, at: start)
    _ = answering.requestEnded()
    #expect(answering.inputEnded() == .nothing)
    #expect(answering.answered(isLast: false, moreIsHere: false, at: start) == .close)
  }

  @Test("A stop closes what waits and lets a request finish")
  func stop() {
    var waiting = machine()
    #expect(waiting.stop() == .close)
    var reading = machine()
    _ = reading.headArrived(request(), isAdmitted: true, at: start)
    #expect(reading.stop() == .nothing)
    #expect(reading.requestEnded() == .accept)
    #expect(reading.answered(isLast: false, moreIsHere: false, at: start) == .close)
  }

  @Test("What is no HTTP is refused once, and never after an answer that was the last")
  func parserFails() {
    var machine = machine()
    machine.requestBegins(at: start)
    #expect(machine.parserFailed(.notHTTP) == .refuse(.notHTTP))
    #expect(machine.answered(isLast: false, moreIsHere: false, at: start) == .linger)
    #expect(machine.parserFailed(.notHTTP) == .nothing)
  }
}
