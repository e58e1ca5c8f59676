import ArgumentParser

/// How much of a list is wanted.
struct ListLength: ParsableArguments {
  /// What is said where there is more.
  static let more = "There are more; --all lists them."

  @Option(help: ArgumentHelp("List this many at most.", valueName: "number"))
  var limit = 100

  @Flag(help: "List all, however many.")
  var all = false

  func validate() throws {
    guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000") }
  }

  var wanted: Int? { all ? nil : limit }
}
