import GatewayCore
import Testing

/// Those that deliver, as the door sees them: what a test does not set fails it.
final class FakeDelivery: DeliveryControl {
  let attempts = AttemptFeed()
  private let removed: [RemovedSubscriber]

  init(removed: [RemovedSubscriber] = []) { self.removed = removed }

  func removedSubscribers() async throws(ControlError) -> [RemovedSubscriber] { removed }

  func pause(_ subscriber: String) async throws(ControlError) { throw unset() }
  func resume(_ subscriber: String) async throws(ControlError) { throw unset() }
  func forget(_ subscriber: String) async throws(ControlError) { throw unset() }
  func events(_ query: EventQuery) async throws(ControlError) -> EventPage { throw unset() }
  func story(of event: EventID) async throws(ControlError) -> EventStory { throw unset() }
  func deadLetters(_ query: DeadLetterQuery) async throws(ControlError) -> DeadLetterPage { throw unset() }
  func deadLetter(_ reference: DeadLetterReference) async throws(ControlError) -> DeadLetterStory { throw unset() }
  func replay(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction { throw unset() }
  func discard(_ selection: DeadLetterSelection) async throws(ControlError) -> DeadLetterAction { throw unset() }
  func plan(_ request: ReplayRequest) async throws(ControlError) -> ReplayPlan { throw unset() }
  func startReplay(_ request: ReplayRequest) async throws(ControlError) -> ReplayStatus { throw unset() }
  func replays(of subscriber: String?) async throws(ControlError) -> [ReplayStatus] { throw unset() }
  func replay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus { throw unset() }
  func pauseReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus { throw unset() }
  func resumeReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus { throw unset() }
  func cancelReplay(_ id: ReplayID) async throws(ControlError) -> ReplayStatus { throw unset() }

  private func unset() -> ControlError {
    Issue.record("nobody should ask for this")
    return .conflict("unset")
  }
}
