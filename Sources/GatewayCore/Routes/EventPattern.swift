/// Which events a subscriber wants: a short name, a full type or a callback command, each exact or with a final `*`
/// that matches the rest.
package struct EventPattern: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  private let isPrefix: Bool
  /// What a short name or a command must start with, or be.
  private let stem: String
  /// The same for a short name where the pattern is written as a full type; nil if it is not.
  private let fullStem: String?
  /// Whether it is a prefix of what all full types start with, as `com.*` is.
  private let matchesEveryType: Bool

  /// Nil if it is empty or has a `*` anywhere but at the end.
  package init?(_ text: String) {
    guard !text.isEmpty, !text.dropLast().contains("*") else { return nil }
    self.text = text
    isPrefix = text.hasSuffix("*")
    stem = isPrefix ? String(text.dropLast()) : text
    fullStem = stem.hasPrefix(EventType.prefix) ? String(stem.dropFirst(EventType.prefix.count)) : nil
    matchesEveryType = isPrefix && EventType.prefix.hasPrefix(stem)
  }

  /// Whether it has no final `*`.
  package var isExact: Bool { !isPrefix }

  package func matches(type: EventType, command: String) -> Bool {
    if matchesEveryType || matches(type.rawValue, stem) || matches(command, stem) { return true }
    return fullStem.map { matches(type.rawValue, $0) } ?? false
  }

  private func matches(_ name: String, _ stem: String) -> Bool { isPrefix ? name.hasPrefix(stem) : name == stem }

  package var description: String { text }
}
