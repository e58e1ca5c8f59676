import Testing

@testable import Delivery

@Suite("The term of a lease")
struct LeaseTermTests {
  @Test("runs until its end, and longer when it is extended in time")
  func extended() {
    let term = LeaseTerm(until: .now + .seconds(100))
    #expect(term.runs)
    #expect(term.extend(until: .now + .seconds(200)))
    #expect(term.runs)
  }

  @Test("is not shortened by a renewal that was sent before another")
  func notShortened() async throws {
    let term = LeaseTerm(until: .now + .seconds(100))
    #expect(term.extend(until: .now + .milliseconds(1)))
    try await Task.sleep(for: .milliseconds(5))
    #expect(term.runs)
  }

  @Test("stays over once it is over, whatever is renewed afterwards")
  func over() async throws {
    let term = LeaseTerm(until: .now + .milliseconds(1))
    try await Task.sleep(for: .milliseconds(5))
    #expect(!term.runs)
    #expect(!term.extend(until: .now + .seconds(100)))
    #expect(!term.runs)
  }
}
