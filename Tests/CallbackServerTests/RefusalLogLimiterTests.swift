import CallbackServer
import NIOCore
import Testing

@Suite("The limit on lines about refused callbacks")
struct RefusalLogLimiterTests {
  private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

  @Test("writes so many a second, then counts, and asks for the count once")
  func limit() {
    var limiter = RefusalLogLimiter(linesPerWindow: 2)
    let verdicts = (0..<5).map { _ in limiter.admit(at: start) }
    #expect(verdicts == [.write, .write, .holdAndCountLater, .hold, .hold])
    #expect(limiter.takeHeldCount() == 3)
    #expect(limiter.takeHeldCount() == 0)
  }

  @Test("begins anew each second")
  func window() {
    var limiter = RefusalLogLimiter(linesPerWindow: 1)
    #expect(limiter.admit(at: start) == .write)
    #expect(limiter.admit(at: start + .milliseconds(999)) == .holdAndCountLater)
    #expect(limiter.admit(at: start + .seconds(1)) == .write)
    #expect(limiter.admit(at: start + .seconds(1)) == .hold)
    #expect(limiter.takeHeldCount() == 2)
  }
}
