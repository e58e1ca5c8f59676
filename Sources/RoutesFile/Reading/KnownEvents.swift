package import GatewayCore

/// The catalogue as patterns see it.
package struct KnownEvents: Sendable {
  private let events: [(type: EventType, command: String)]
  private let names: [String]
  private let patterns: [String]

  package init(_ catalogue: [(type: EventType, command: String)]) {
    // The type of callbacks that are carried whole belongs to no command.
    events = catalogue + [(.callback, "")]
    names = events.flatMap { [$0.type.rawValue, $0.command, $0.type.full] }.filter { !$0.isEmpty }
    patterns = Set(names.flatMap(Self.stems)).sorted().map { $0 + "*" }
  }

  package func has(matchFor pattern: EventPattern) -> Bool {
    events.contains { pattern.matches(type: $0.type, command: $0.command) }
  }

  /// The commands whose events are of a type, given short or full.
  func commands(ofType name: String) -> [String] {
    events.filter { ($0.type.rawValue == name || $0.type.full == name) && !$0.command.isEmpty }.map(\.command)
  }

  /// As the end of a sentence.
  package func suggestion(for pattern: EventPattern) -> String {
    Suggestion.clause(for: pattern.text, among: pattern.isExact ? names : patterns)
  }

  /// Whether it is an exact name that looks like a command: Tencent may have added it since the catalogue was written.
  package static func isCommand(_ pattern: EventPattern) -> Bool {
    pattern.isExact
      && (pattern.text.contains(".Callback") || pattern.text.first.map { ("A"..."Z").contains($0) } == true)
  }

  /// `Sns.CallbackFriendAdd` → `Sns.`: what one would put a star behind.
  private static func stems(_ name: String) -> [String] {
    name.indices.filter { name[$0] == "." }.map { String(name[...$0]) }
  }
}
