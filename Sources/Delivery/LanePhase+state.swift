import GatewayCore

extension LanePhase {
  /// As metrics and the admin API name it.
  var state: SubscriberState {
    switch self {
    case .closed: .closed
    case .halfOpen: .halfOpen
    case .open: .open
    case .held: .held
    case .paused, .pausedByOperator, .gone: .paused
    }
  }

  /// Why, and what ends it; nil where there is nothing to say.
  var reason: String? {
    switch self {
    case .closed: nil
    case .halfOpen: "it is sent one delivery at first, and more with each round that goes well"
    case .open: "its deliveries fail; it is tried with one at a time"
    case .held(let until): "it has asked by Retry-After to be left alone until \(until)"
    case .paused: "paused in the routes file"
    case .pausedByOperator(let since): "paused by an operator since \(since); `switchyard resume` ends it"
    case .gone: "it has answered 410; `switchyard resume` ends that, and so does another \"url\""
    }
  }
}
