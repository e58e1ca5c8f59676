/// A seed file that cannot be taken: the line, counted from 1, and one sentence that says what is wrong and what to do.
package struct SeedError: Error, Hashable, Sendable, CustomStringConvertible {
  package let line: Int
  package let reason: String

  package var description: String { "line \(line): \(reason)" }
}
