/// The short name of an event's type, as in `blocklist.added`; the full type is `com.tencent.chat.` and this.
package struct EventType: Hashable, Sendable, Comparable, RawRepresentable, CustomStringConvertible {
  package static let prefix = "com.tencent.chat."

  /// What a callback becomes that is carried whole: of a command not in the catalogue, or of an odd shape.
  package static let callback = EventType(rawValue: "callback")

  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package var full: String { Self.prefix + rawValue }
  package var description: String { rawValue }

  package static func < (left: EventType, right: EventType) -> Bool { left.rawValue < right.rawValue }
}

/// What decides who wants an event: all events of one batch are of one kind.
package struct EventKind: Hashable, Sendable {
  package let app: AppID
  package let type: EventType
  /// The callback command as it came, as in `Sns.CallbackBlackListAdd`.
  package let command: String

  package init(app: AppID, type: EventType, command: String) {
    self.app = app
    self.type = type
    self.command = command
  }
}
