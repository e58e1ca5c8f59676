/// A callback's body is not one JSON object, or names no command where the query names none either. The description is a
/// sentence for whoever posted it, and quotes nothing of the body.
package struct MalformedCallback: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package static let unnamedCommand = MalformedCallback(
    description: "Neither the query nor the body names a CallbackCommand.")

  package static func syntax(_ error: JSONSyntaxError) -> MalformedCallback {
    MalformedCallback(description: "The body must be one JSON object in UTF-8, but has \(error).")
  }
}
