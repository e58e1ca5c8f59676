package import NIOCore

/// One connection of the door, as a value: requests one at a time, each part of one bounded in bytes and time.
///
/// What happens on the wire comes in as method calls, what is to be done comes out. A method that returns a refusal has
/// already taken the request for decided: its answer is due next, and it ends the connection.
package struct CallbackConnectionStateMachine: Sendable {
  /// What becomes of bytes that arrive now.
  package enum Input: Hashable, Sendable { case taken, held, discarded }

  package enum HeadAction: Hashable, Sendable {
    /// The head decided, and a body follows that nobody wants.
    case answerNow
    /// The head decided, and nothing follows: the answer is due when the parser says so.
    case answerAtEnd
    /// - invite: The client waits for `100 Continue`.
    case readBody(invite: Bool)
  }

  package enum BodyAction: Hashable, Sendable {
    case keep
    case discard
    case refuse(Refusal)
  }

  package enum EndAction: Hashable, Sendable {
    /// The body is whole.
    case accept
    /// The head has decided.
    case answer
    case nothing
  }

  package enum Interruption: Hashable, Sendable {
    case nothing
    case close
    case refuse(Refusal)
  }

  /// What follows an answer.
  package enum Ending: Hashable, Sendable {
    case keepOpen
    /// End the output, and read on for a while so that the client is not cut off while it sends.
    case linger
    case close
  }

  private enum State: Hashable {
    /// Between requests: no byte of the next one has come.
    case waiting(until: NIODeadline)
    case readingHead(until: NIODeadline)
    case readingBody(until: NIODeadline, received: Int)
    /// Answered by its head, and without a body.
    case decided
    /// - isRead: Whether the request has been read to its end.
    case answering(isRead: Bool)
    case lingering(until: NIODeadline, discarded: Int)
    case closed
  }

  private let limits: CallbackServerLimits
  private var state: State
  /// The next answer is the last one.
  private var isClosing = false
  private var inputHasEnded = false

  package init(limits: CallbackServerLimits, openedAt now: NIODeadline) {
    self.limits = limits
    state = .waiting(until: now + TimeAmount(limits.firstByteTime))
  }

  package var input: Input {
    switch state {
    case .waiting, .readingHead, .readingBody, .decided: .taken
    case .answering: .held
    case .lingering, .closed: .discarded
    }
  }

  /// When `deadlineReached` wants to be called; nil while nothing is waited for but the journal.
  package var deadline: NIODeadline? {
    switch state {
    case .waiting(let until), .readingHead(let until), .readingBody(let until, _), .lingering(let until, _): until
    case .decided, .answering, .closed: nil
    }
  }

  /// Whether the bytes that come now are the first of a request.
  package var isBetweenRequests: Bool { if case .waiting = state { true } else { false } }

  /// Whether a request has begun whose head is not whole.
  package var isReadingHead: Bool { if case .readingHead = state { true } else { false } }

  package mutating func requestBegins(at now: NIODeadline) {
    if case .waiting = state { state = .readingHead(until: now + TimeAmount(limits.headTime)) }
  }

  /// - Parameter isAdmitted: Whether the body is wanted; otherwise the answer is known.
  package mutating func headArrived(_ request: RequestOutline, isAdmitted: Bool, at now: NIODeadline) -> HeadAction {
    if !request.keepsAlive { isClosing = true }
    if isAdmitted {
      state = .readingBody(until: now + TimeAmount(limits.bodyTime), received: 0)
      return .readBody(invite: request.expectsContinue && request.hasBody)
    }
    guard request.hasBody else {
      state = .decided
      return .answerAtEnd
    }
    isClosing = true
    state = .answering(isRead: false)
    return .answerNow
  }

  package mutating func bodyArrived(_ count: Int) -> BodyAction {
    guard case .readingBody(let until, let received) = state else { return .discard }
    if received + count > limits.bodySize { return .refuse(refuse(.bodyTooLarge)) }
    state = .readingBody(until: until, received: received + count)
    return .keep
  }

  package mutating func requestEnded() -> EndAction {
    switch state {
    case .readingBody:
      state = .answering(isRead: true)
      return .accept
    case .decided:
      state = .answering(isRead: true)
      return .answer
    case .waiting, .readingHead, .answering, .lingering, .closed: return .nothing
    }
  }

  /// The rest of the request is not wanted: its answer is due, and ends the connection.
  package mutating func refuse(_ refusal: Refusal) -> Refusal {
    isClosing = true
    state = .answering(isRead: false)
    return refusal
  }

  /// An answer leaves now.
  ///
  /// - Parameters:
  ///   - isLast: The gateway wants no further request on any connection.
  ///   - moreIsHere: Bytes of a further request have been read.
  package mutating func answered(isLast: Bool, moreIsHere: Bool, at now: NIODeadline) -> Ending {
    guard case .answering(let isRead) = state else { return .close }
    guard isClosing || isLast else {
      state = .waiting(until: now + TimeAmount(limits.idleTime))
      return .keepOpen
    }
    isClosing = true
    // Even a plain close waits for the answer to be written, and that must not take for ever.
    state = .lingering(until: now + TimeAmount(limits.lingerTime), discarded: 0)
    return inputHasEnded || (isRead && !moreIsHere) ? .close : .linger
  }

  /// Bytes were thrown away after the last answer. Returns whether it has been enough.
  package mutating func discarded(_ count: Int) -> Bool {
    guard case .lingering(let until, let discarded) = state else { return false }
    state = .lingering(until: until, discarded: discarded + count)
    return discarded + count > limits.lingerSize
  }

  /// The parser gives up. It is not asked again.
  package mutating func parserFailed(_ refusal: Refusal) -> Interruption {
    switch state {
    case .waiting, .readingHead, .readingBody, .decided: .refuse(refuse(refusal))
    case .answering, .lingering, .closed: .nothing
    }
  }

  package mutating func deadlineReached(at now: NIODeadline) -> Interruption {
    guard let deadline, deadline <= now else { return .nothing }
    switch state {
    case .readingHead: return .refuse(refuse(.headTooSlow))
    case .readingBody: return .refuse(refuse(.bodyTooSlow))
    case .waiting, .lingering, .decided, .answering, .closed: return close()
    }
  }

  /// The client sends no more; it may still read.
  package mutating func inputEnded() -> Interruption {
    inputHasEnded = true
    isClosing = true
    switch state {
    case .readingBody, .decided: return .refuse(refuse(.bodyCutShort))
    case .answering: return .nothing
    case .waiting, .readingHead, .lingering: return close()
    case .closed: return .nothing
    }
  }

  /// The gateway stops: whatever is under way is finished, and nothing else is begun.
  package mutating func stop() -> Interruption {
    isClosing = true
    if case .waiting = state { return close() }
    return .nothing
  }

  package mutating func closed() { state = .closed }

  private mutating func close() -> Interruption {
    state = .closed
    return .close
  }
}
