/// Bytes that must not be seen: they print as `•••`, so that no log line or error can carry them by accident.
package struct SecretBytes: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The bytes themselves; the name is a warning.
  package let exposed: [UInt8]

  package init(_ exposed: [UInt8]) { self.exposed = exposed }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
