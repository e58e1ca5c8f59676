import TestSupport

/// Runs a command to its end with nothing to read, and gives what it wrote to either stream.
func run(_ command: String, _ arguments: String...) async throws -> (status: Int32, output: String) {
  try await run(command, arguments)
}

func run(_ command: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
  let result = try await Command([command] + arguments).run()
  return (result.status, result.text)
}
