import ArgumentParser
import GatewayCore

/// A moment as somebody writes it: RFC 3339, a duration for that long ago, or `now`.
struct MomentArgument: Hashable, Sendable {
  private enum Form: Hashable { case at(Timestamp), ago(Duration) }

  private let form: Form

  init?(_ text: String) {
    if text == "now" {
      form = .ago(.zero)
    } else if let duration = Duration(text: text) {
      form = .ago(duration)
    } else if let moment = Timestamp(text) {
      form = .at(moment)
    } else {
      return nil
    }
  }

  /// Reads a flag's value.
  static func argument(_ text: String) throws -> MomentArgument {
    guard let moment = MomentArgument(text) else {
      throw ValidationError("'\(text)' is no time; write 2026-11-20T20:36:00Z, or 2h for two hours ago, or now")
    }
    return moment
  }

  func timestamp(now: Timestamp) -> Timestamp {
    switch form {
    case .at(let moment): moment
    case .ago(let duration): now - duration
    }
  }
}
