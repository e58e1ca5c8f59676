import Testing

/// Waits until something is so, and fails the test if it is not after a time that is more than enough.
func eventually(
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(30)
  while try await !isSo() {
    try #require(ContinuousClock.now < deadline, comment, sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(2))
  }
}
