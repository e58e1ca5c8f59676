import ArgumentParser
import GatewayCore

extension Duration {
  /// Reads a flag's value.
  static func argument(_ text: String) throws -> Duration {
    guard let duration = Duration(text: text) else {
      throw ValidationError("'\(text)' is not a duration; write one such as 200ms, 2s or 1m")
    }
    return duration
  }
}
