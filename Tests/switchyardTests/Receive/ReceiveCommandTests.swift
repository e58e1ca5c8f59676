import ArgumentParser
import Testing

@testable import switchyard

@Suite("receive")
struct ReceiveCommandTests {
  @Test("listens on 127.0.0.1:9101 and behaves well unless told otherwise")
  func defaults() throws {
    let command = try ReceiveCommand.parse([])
    #expect(command.listen == ListenAddress(host: "127.0.0.1", port: 9101))
    #expect(command.fail == 0)
    #expect(command.delay == nil)
  }

  @Test("takes every flag of the contract")
  func flags() throws {
    let command = try ReceiveCommand.parse(
      ["--listen", "127.0.0.1:0", "--secret", "a", "--secret", "b", "--fail", "0.1", "--delay", "200ms", "--json"])
    #expect(command.listen.port == 0)
    #expect(command.secret == ["a", "b"])
    #expect(command.fail == 0.1)
    #expect(command.delay == .milliseconds(200))
    #expect(command.json)
  }

  @Test(
    "refuses what makes no sense as bad usage",
    arguments: [
      ["--fail", "1.5"], ["--fail", "nan"], ["--fail-status", "200"], ["--delay", "soon"], ["--listen", "9101"],
    ])
  func badUsage(_ arguments: [String]) throws {
    let error = try #require(throws: (any Error).self) { try ReceiveCommand.parse(arguments) }
    #expect(ReceiveCommand.exitCode(for: error) == .validationFailure)
  }
}
