/// Which events a subscriber takes of the kinds that it wants: those that have every field named here, with a text that
/// one of the field's globs matches.
package struct EventMatch: Hashable, Sendable {
  /// The fields of an event that can be asked for, by their names in the event's JSON and in the routes file.
  package enum Field: String, Hashable, Sendable, CaseIterable {
    case from, to, group, account
  }

  package struct Condition: Hashable, Sendable {
    package var field: Field
    /// One of them has to match.
    package var globs: [Glob]

    package init(field: Field, globs: [Glob]) {
      self.field = field
      self.globs = globs
    }
  }

  /// All of them have to hold.
  package var conditions: [Condition]

  package init(_ conditions: [Condition]) { self.conditions = conditions }

  /// - Parameter text: What an event has in a field, decoded, in UTF-8; nil if it has no such field, which then nothing
  ///   matches. Asked only as far as it takes to tell.
  package func holds(for text: (Field) -> [UInt8]?) -> Bool {
    conditions.allSatisfy { condition in
      guard let text = text(condition.field) else { return false }
      return condition.globs.contains { $0.matches(text) }
    }
  }
}
