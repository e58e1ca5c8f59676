import ArgumentParser
import GatewayCore
import Testing

@testable import switchyard

@Suite("A time on the command line")
struct MomentArgumentTests {
  private let now = Timestamp(seconds: 1_000_000)

  @Test("is RFC 3339, a duration ago, or now")
  func forms() throws {
    #expect(try MomentArgument.argument("now").timestamp(now: now) == now)
    #expect(try MomentArgument.argument("2h").timestamp(now: now) == Timestamp(seconds: 1_000_000 - 7200))
    #expect(try MomentArgument.argument("1970-01-01T01:00:00+01:00").timestamp(now: now) == Timestamp(seconds: 0))
  }

  @Test("is nothing else", arguments: ["", "yesterday", "2h30m", "-2h", "2026-11-20", "1700000000"])
  func others(text: String) {
    #expect(throws: ValidationError.self) { try MomentArgument.argument(text) }
  }
}
