/// A string that must not be seen: it prints as `•••`, so that no log line or error can carry it by accident.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The secret itself; the name is a warning.
  package let exposed: String

  package init(_ exposed: String) { self.exposed = exposed }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
