/// A command cannot go on: one sentence that says what is wrong and what to do. The program then exits with 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
