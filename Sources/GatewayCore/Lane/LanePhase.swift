/// What a lane does at all.
package enum LanePhase: Hashable, Sendable {
  case closed
  case halfOpen
  case open
  /// The receiver has asked for it, until this moment.
  case held(until: Timestamp)
  /// By the routes file.
  case paused
  /// By an operator, since this moment.
  case pausedByOperator(since: Timestamp)
  /// The receiver has answered 410.
  case gone
}

extension LaneHold {
  /// The phase of a lane that sends nothing at all; nil for one that may.
  func phase(_ settings: LaneSettings) -> LanePhase? {
    if settings.isHeld { return .paused }
    if let pausedAt { return .pausedByOperator(since: pausedAt) }
    if goneURL == settings.url { return .gone }
    return until.map(LanePhase.held)
  }
}

extension LaneRecord {
  /// The phase in which a lane begins.
  package func phase(_ settings: LaneSettings) -> LanePhase { hold.phase(settings) ?? .closed }
}
