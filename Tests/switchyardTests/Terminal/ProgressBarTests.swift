import Testing

@testable import switchyard

@Suite("A progress bar")
struct ProgressBarTests {
  @Test("shows how much is done and how fast")
  func line() {
    #expect(
      ProgressBar.line(done: 500, total: 1000, elapsed: .seconds(4))
        == "[###############---------------] 500/1000  125.0/s")
    #expect(ProgressBar.line(done: 0, total: 2, elapsed: .zero).hasPrefix("[------------------------------] 0/2"))
    #expect(ProgressBar.line(done: 2, total: 2, elapsed: .seconds(1)).hasPrefix("[##############################] 2/2"))
  }
}
