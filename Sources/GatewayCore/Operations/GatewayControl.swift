/// What the admin door may ask of the running gateway as a whole.
package protocol GatewayControl: Sendable {
  func status() async throws(JournalError) -> GatewayStatus
  /// Why callbacks are not taken now (starting, stopping, no writable journal); nil when they are.
  func notReadyReason() async -> String?
  /// Reads the routes file now. With `dryRun` nothing takes effect.
  func reload(dryRun: Bool) async throws(RoutesRejected) -> RoutesChange
  /// Writes a verified copy of the journal to a new file.
  ///
  /// - Parameter path: An absolute path on the gateway's machine.
  func backUp(to path: String) async throws(ControlError) -> JournalCopy
}

/// What it may ask of those that deliver.
package protocol DeliveryControl: SubscriberControl, EventHistory, DeadLetterControl, ReplayControl {
  /// Attempts as they happen.
  nonisolated var attempts: AttemptFeed { get }
}

/// Holding and letting go of subscribers. Each change is on disk when it returns.
package protocol SubscriberControl: Sendable {
  func pause(_ subscriber: String) async throws(ControlError)
  /// Ends whatever holds it.
  func resume(_ subscriber: String) async throws(ControlError)
  /// Deletes what is kept of a subscriber that the routes file no longer names.
  func forget(_ subscriber: String) async throws(ControlError)
  /// Those that the routes file no longer names and that are not forgotten, by name.
  func removedSubscribers() async throws(ControlError) -> [RemovedSubscriber]
}

/// A subscriber that the routes file no longer names, whose position is kept for a while.
package struct RemovedSubscriber: Hashable, Sendable {
  package var name: String
  package var cursor: SequenceNumber
  /// Events after its cursor, wanted or not, and those that it would retry.
  package var behindEvents: Int
  /// Events.
  package var deadLetters: Int
  package var forgetAt: Timestamp?

  package init(name: String, cursor: SequenceNumber, behindEvents: Int, deadLetters: Int, forgetAt: Timestamp?) {
    self.name = name
    self.cursor = cursor
    self.behindEvents = behindEvents
    self.deadLetters = deadLetters
    self.forgetAt = forgetAt
  }
}
