import DequeModule
import GatewayCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// Drives one connection's state machine: hands it what the parser finds, and does on the wire what it says.
final class CallbackConnectionHandler: ChannelInboundHandler {
  /// Bytes of an answer that are not worth keeping a reservation for.
  private static let smallAnswer = 16 << 10

  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  /// What comes up from the parser. What is ahead of its turn waits, and is at most what one piece of input holds.
  private enum Arrival {
    case part(HTTPServerRequestPart)
    case failure(Refusal)
    case end
  }

  /// The request under way.
  private struct Request {
    var outline: RequestOutline
    /// The answer, where the head decides.
    var answer: CallbackAnswer?
    /// The callback, where the body is wanted.
    var callback: AdmittedCallback?
  }

  private let door: CallbackDoor
  private let eventLoop: any EventLoop
  private let timer: DeadlineTimer
  private var machine: CallbackConnectionStateMachine
  private var peer = ConnectionPeer(address: nil)
  private var gate: InputGate?
  private var context: ChannelHandlerContext?
  private var arrivals: Deque<Arrival> = []
  private var request: Request?
  /// What is reserved for a head of which a part has come.
  private var unfinishedHead: MemoryReservation
  /// Every byte in it is reserved in the door's memory.
  private var body: [UInt8] = []
  /// What is reserved for the callback that is being answered.
  private var unwritten = 0
  /// Whether the journal has a callback of this connection.
  private var isAppending = false
  /// Whether the connection has closed.
  private var isGone = false

  init(door: CallbackDoor, eventLoop: any EventLoop) {
    self.door = door
    self.eventLoop = eventLoop
    timer = DeadlineTimer(eventLoop: eventLoop)
    unfinishedHead = MemoryReservation(of: door.headMemory)
    machine = CallbackConnectionStateMachine(limits: door.limits, openedAt: .now())
  }

  /// The gate that stands before this connection's parser.
  func makeGate() -> InputGate {
    let gate = InputGate(connection: self, limits: door.limits)
    self.gate = gate
    return gate
  }
}

// MARK: What the gate asks and tells

extension CallbackConnectionHandler {
  var input: CallbackConnectionStateMachine.Input {
    let input = machine.input
    // Answers that a client does not read must not pile up.
    return input == .taken && context?.channel.isWritable == false ? .held : input
  }

  var isBetweenRequests: Bool { machine.isBetweenRequests }

  func requestBegins() { machine.requestBegins(at: .now()) }

  /// What the parser keeps of a head that is still to be finished is reserved.
  func didParse(_ count: Int) {
    if machine.isReadingHead, !unfinishedHead.grow(by: count) { refuse(machine.refuse(.overloaded)) }
  }

  func discarded(_ count: Int) {
    if machine.discarded(count) { context?.close(promise: nil) }
  }

  func inputEnded() { arrived(.end) }
}

// MARK: What the pipeline tells

extension CallbackConnectionHandler {
  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    gate = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    peer = ConnectionPeer(context.remoteAddress)
    switch door.connections.add(context.channel) {
    case .added: armTimer()
    case .full:
      door.log.refusedConnection(peer: peer.text, on: eventLoop)
      act(on: machine.stop())
    case .stopping: act(on: machine.stop())
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { arrived(.part(unwrapInboundIn(data))) }

  func channelReadComplete(context: ChannelHandlerContext) {
    armTimer()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    resume()
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as HTTPParserError where context.channel.isActive: arrived(.failure(refusal(for: error)))
    // The parser was in the middle of something when the connection went: nobody is left to be refused.
    case is HTTPParserError: break
    // The TCP stream ended without a closing alert; the end of the input is told next.
    case NIOSSLError.uncleanShutdown: break
    default:
      door.log.connectionFailed(error, peer: peer.text)
      context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event as? ConnectionRegistry.Signal {
    case .stop: act(on: machine.stop())
    case .abort: abort(context)
    case nil: context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isGone = true
    machine.closed()
    timer.cancel()
    arrivals = []
    unfinishedHead.release()
    releaseBody()
    if !isAppending { door.connections.remove(context.channel) }
    context.fireChannelInactive()
  }

  /// Closes at once, over the head of TLS, which would wait for the client's part in its farewell.
  private func abort(_ context: ChannelHandlerContext) {
    if let encryption = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
      encryption.close(mode: .all, promise: nil)
    } else {
      context.close(promise: nil)
    }
  }

  private func refusal(for error: HTTPParserError) -> Refusal {
    switch error {
    case .headerOverflow where request == nil: return .headTooLarge
    case .invalidMethod:
      let start = gate?.startOfRequest?.readableBytesView
      guard let path = start.flatMap(UnknownMethod.path(ofRequestStarting:)) else { return .notHTTP }
      return door.checks.isCallbackPath(path) ? .methodNotAllowed : .notACallbackPath
    default: return .notHTTP
    }
  }
}

// MARK: One thing after the other

extension CallbackConnectionHandler {
  private func arrived(_ arrival: Arrival) {
    switch input {
    case .taken where arrivals.isEmpty: take(arrival)
    case .taken, .held: arrivals.append(arrival)
    case .discarded: take(arrival)
    }
  }

  /// Goes on with what has waited for an answer, or for the client to read one.
  private func resume() {
    while input == .taken, let arrival = arrivals.popFirst() { take(arrival) }
    gate?.forward()
    armTimer()
  }

  private func take(_ arrival: Arrival) {
    switch arrival {
    case .part(.head(let head)): take(head)
    case .part(.body(let bytes)): take(bytes)
    case .part(.end): finishRequest()
    case .failure(let refusal): act(on: machine.parserFailed(refusal))
    case .end: act(on: machine.inputEnded())
    }
  }

  private func take(_ head: HTTPRequestHead) {
    guard machine.input == .taken else { return }
    unfinishedHead.release()
    let outline = RequestOutline(head)
    request = Request(outline: outline)
    switch door.checks.verdict(on: outline, from: peer) {
    case .probe: request?.answer = .probe
    case .refused(let refusal, let app, let peer):
      door.note(refusal, app: app, peer: peer, on: eventLoop)
      request?.answer = CallbackAnswer(refusal)
    case .admitted(let callback, let addressIsAllowed):
      request?.callback = callback
      if !addressIsAllowed { reportAddress(of: callback) }
    }
    switch machine.headArrived(outline, isAdmitted: request?.callback != nil, at: .now()) {
    case .answerNow: sendDecidedAnswer()
    case .answerAtEnd, .readBody(invite: false): break
    case .readBody(invite: true): context?.writeAndFlush(wrapOutboundOut(Self.invitation), promise: nil)
    }
  }

  private func take(_ bytes: ByteBuffer) {
    switch machine.bodyArrived(bytes.readableBytes) {
    case .keep:
      guard door.memory.reserve(bytes.readableBytes) else {
        refuse(machine.refuse(.overloaded))
        return
      }
      body.append(contentsOf: bytes.readableBytesView)
    case .discard: break
    case .refuse(let refusal): refuse(refusal)
    }
  }

  private func finishRequest() {
    switch machine.requestEnded() {
    case .accept: accept()
    case .answer: sendDecidedAnswer()
    case .nothing: break
    }
  }

  private func act(on interruption: CallbackConnectionStateMachine.Interruption) {
    switch interruption {
    case .nothing: break
    case .close: context?.close(promise: nil)
    case .refuse(let refusal): refuse(refusal)
    }
  }

  private func reportAddress(of callback: AdmittedCallback) {
    door.metrics.countReportedAddress(of: callback.app.metrics)
    door.log.reportedAddress(app: callback.app.configuration.id, peer: callback.peer, on: eventLoop)
  }

  private static let invitation = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
}

// MARK: Taking a callback

extension CallbackConnectionHandler {
  private func accept() {
    guard let callback = request?.callback, let channel = context?.channel else { return }
    let arrivedAt = ContinuousClock.now
    switch door.intake.read(body, of: callback, arrivedAt: arrivedAt) {
    case .settled(let outcome):
      releaseBody()
      finish(callback, with: outcome, arrivedAt: arrivedAt)
    case .append(let unstored): append(unstored, from: callback, arrivedAt: arrivedAt, on: channel)
    }
  }

  /// What the journal has begun to write is not taken back because the connection closes.
  private func append(
    _ unstored: UnstoredCallback, from callback: AdmittedCallback, arrivedAt: ContinuousClock.Instant,
    on channel: any Channel
  ) {
    // The batch holds the bytes now, so the reservation lives on with it.
    let reserved = body.count
    body = []
    isAppending = true
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    door.intake.append(unstored, answerOn: eventLoop) { outcome in
      handler.value.appended(callback, outcome: outcome, arrivedAt: arrivedAt, reserved: reserved, on: channel)
    }
  }

  private func appended(
    _ callback: AdmittedCallback, outcome: CallbackOutcome, arrivedAt: ContinuousClock.Instant, reserved: Int,
    on channel: any Channel
  ) {
    isAppending = false
    if isGone { door.connections.remove(channel) }
    unwritten = reserved
    finish(callback, with: outcome, arrivedAt: arrivedAt)
    door.memory.release(unwritten)
    unwritten = 0
    resume()
  }

  private func finish(
    _ callback: AdmittedCallback, with outcome: CallbackOutcome, arrivedAt: ContinuousClock.Instant
  ) {
    switch outcome {
    case .taken(let reply, let decidedAt):
      door.metrics.recordAck(.now - (decidedAt ?? arrivedAt))
      send(CallbackAnswer(reply: reply))
    case .refused(let refusal, let detail):
      door.metrics.recordAck(.now - arrivedAt)
      door.note(refusal, app: callback.app, peer: callback.peer, detail: detail, on: eventLoop)
      send(CallbackAnswer(refusal))
    }
  }
}

// MARK: Answering

extension CallbackConnectionHandler {
  /// Answers a request that the machine has given up on.
  private func refuse(_ refusal: Refusal) {
    unfinishedHead.release()
    releaseBody()
    let callback = request?.callback
    door.note(refusal, app: callback?.app, peer: callback?.peer ?? peer.text, on: eventLoop)
    send(CallbackAnswer(refusal))
  }

  private func sendDecidedAnswer() {
    if let answer = request?.answer { send(answer) }
  }

  private func send(_ answer: CallbackAnswer) {
    let outline = request?.outline
    request = nil
    guard let context else { return }
    let moreIsHere = !arrivals.isEmpty || gate?.holdsBytes == true
    let ending = machine.answered(isLast: door.isClosing, moreIsHere: moreIsHere, at: .now())
    let connection: CallbackAnswer.Connection =
      ending != .keepOpen ? .close : outline?.isHTTP10 == true ? .keepAlive : .unstated
    let bytes = answer.encoded(
      date: door.responseDate(), connection: connection, withoutBody: outline?.method == .HEAD,
      allocator: context.channel.allocator)
    // An answer that names every account of its callback is as large as that, and stays until its reader has taken it.
    let promise = answer.body.count > Self.smallAnswer ? holdReservation() : nil
    guard ending != .keepOpen else {
      context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
      return
    }
    arrivals = []
    let written = promise ?? eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in
      self.context?.close(mode: ending == .linger ? .output : .all, promise: nil)
    }
    armTimer()
  }

  /// Keeps the reservation of the callback that is being answered until the answer is written.
  private func holdReservation() -> EventLoopPromise<Void> {
    let (memory, held) = (door.memory, unwritten)
    unwritten = 0
    let written = eventLoop.makePromise(of: Void.self)
    written.futureResult.whenComplete { _ in memory.release(held) }
    return written
  }

  private func releaseBody() {
    door.memory.release(body.count)
    body = []
  }
}

// MARK: Time

extension CallbackConnectionHandler {
  private func armTimer() {
    guard context != nil, let deadline = machine.deadline else { return }
    timer.arm(for: deadline) {
      self.act(on: self.machine.deadlineReached(at: .now()))
      self.armTimer()
    }
  }
}
