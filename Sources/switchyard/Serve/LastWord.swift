import ArgumentParser
import Foundation

/// How the process ends when it must not go on.
enum LastWord {
  /// Says why and ends at once, without any clean-up that might write to what has failed. The next start recovers.
  static func end(_ sentence: String) -> Never {
    LineWriter.standardError.tell("switchyard: \(sentence)")
    Foundation._exit(ExitStatus.failure.rawValue)
  }
}
