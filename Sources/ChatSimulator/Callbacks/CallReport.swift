package import GatewayCore

/// One call and its callbacks, once all has been done.
package struct CallReport: Sendable {
  /// When the call was answered.
  package let answeredAt: Timestamp
  package let answer: RESTAnswer
  package let callbacks: [CallbackOutcome]

  package init(answeredAt: Timestamp, answer: RESTAnswer, callbacks: [CallbackOutcome]) {
    self.answeredAt = answeredAt
    self.answer = answer
    self.callbacks = callbacks
  }
}

/// Is told what happens, from any thread.
package protocol SimulatorObserver: Sendable {
  func called(_ report: CallReport)
  func callbackFailed(_ failure: CallbackFailure)
}
