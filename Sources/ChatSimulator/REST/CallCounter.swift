import GatewayCore

/// Counts calls by app and command in seconds that begin with a call.
struct CallCounter: Sendable {
  private struct Key: Hashable {
    var appID: AppID
    var command: RESTCommand
  }

  private struct Second {
    var start: ContinuousClock.Instant
    var calls: Int
  }

  private static let length = Duration.seconds(1)
  /// At most one for each app and command.
  private var seconds: [Key: Second] = [:]

  /// Whether a call at `now` is within the limit. One that is not does not count.
  mutating func admit(_ appID: AppID, _ command: RESTCommand, limit: Int, now: ContinuousClock.Instant) -> Bool {
    let key = Key(appID: appID, command: command)
    var second = seconds[key] ?? Second(start: now, calls: 0)
    if now - second.start >= Self.length { second = Second(start: now, calls: 0) }
    guard second.calls < limit else { return false }
    second.calls += 1
    seconds[key] = second
    return true
  }
}
