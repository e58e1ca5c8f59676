import ArgumentParser
import ChatSimulator
import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite("simulate")
struct SimulateCommandTests {
  private static let required = ["--callback-url", "http://127.0.0.1:8080/callback"]
  private static let body = #"{"From_Account":"a","To_Account":["b"]}"#

  private func parse(_ arguments: String...) throws -> SimulateCommand {
    try SimulateCommand.parse(Self.required + arguments)
  }

  private func call(
    _ command: SimulateCommand, app: String = "1400000000", admin: String = "administrator"
  ) throws -> RESTAnswer {
    let query = "sdkappid=\(app)&identifier=\(admin)&usersig=x&random=1&contenttype=json"
    return try command.endpoint().answer(
      RESTRequest(path: "/v4/sns/black_list_add", query: query, body: Array(Self.body.utf8), clientIP: "127.0.0.1"))
  }

  @Test("stands in for every app, with every account, on 127.0.0.1:8081 unless told otherwise")
  func defaults() throws {
    let command = try parse()
    #expect(command.listen == ListenAddress(host: "127.0.0.1", port: 8081))
    #expect(command.callbacks.target.description == "http://127.0.0.1:8080/callback")
    #expect(command.callbacks.delay == .zero && command.callbacks.retriesOnTimeout == 0)
    #expect(command.configuration.latency == .zero)
    #expect(command.choices.choices == SimulatorChoices())
    #expect(command.rules.rules(choices: SimulatorChoices()).callsPerSecond == 200)
    #expect(try call(command).error == nil)
    #expect(try call(command, app: "1400000001").error == nil)
    #expect(try call(command, admin: "a").error?.code == 60010)
  }

  @Test("takes every flag")
  func flags() throws {
    let command = try parse(
      "--listen", "127.0.0.1:0", "--token", "t", "--sdkappid", "7", "--sdkappid", "8", "--admin", "boss", "--admin",
      "a",
      "--rate-limit", "0", "--latency", "200ms", "--fail-row", "30006=1", "--seed", "7", "--retry-on-timeout", "3",
      "--empty-callback", "--dissolve-callback", "--delete-type", "both", "--mirror-adds", "--callback-delay", "50ms",
      "--chunk", "100", "--unlisted-accounts", "missing", "--json")
    #expect(command.callbacks.token == Secret("t"))
    #expect(command.callbacks.delay == .milliseconds(50) && command.callbacks.retriesOnTimeout == 3)
    #expect(command.configuration.latency == .milliseconds(200))
    #expect(command.rules.rules(choices: SimulatorChoices()).callsPerSecond == nil)
    let choices = command.choices.choices
    #expect(choices.postsEmptyCallbacks && choices.postsDissolvedFriendships && choices.mirrorsAdditions)
    #expect(choices.deleteType == .both && choices.pairsPerCallback == 100)
    #expect(try call(command, app: "8", admin: "boss").error?.code == 30003, "there is no account")
    #expect(try call(command).error?.code == 70020, "the apps given are all there are")
    #expect(try call(parse("--fail-row", "30008=1")).rows.first?.failure?.code == 30008)
  }

  @Test("tries once more after a timeout where no number is given")
  func retryOnce() throws {
    #expect(try parse("--retry-on-timeout").callbacks.retriesOnTimeout == 1)
    #expect(try parse("--retry-on-timeout", "--json").callbacks.retriesOnTimeout == 1)
  }

  @Test("reads accounts from a file, and says what is wrong with one as bad configuration")
  func accounts() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "accounts-\(UUID()).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("{\"account\":\"a\",\"blocks\":[\"b\"]}\n".utf8).write(to: URL(filePath: path))
    #expect(try call(parse("--accounts", path)).rows.first?.failure == .alreadyThere)
    try Data("{\"account\":\"a\"}\n".utf8).write(to: URL(filePath: path))
    #expect(try call(parse("--accounts", path)).rows.first?.failure == .unknownAccount)
    #expect(try call(parse("--accounts", path, "--unlisted-accounts", "exist")).rows.first?.failure == nil)
    try Data("{\"acount\":\"a\"}\n".utf8).write(to: URL(filePath: path))
    let bad = try parse("--accounts", path)
    #expect(throws: ExitStatus.configuration) { try bad.endpoint() }
    let missing = try parse("--accounts", "/nowhere.jsonl")
    #expect(throws: ExitStatus.configuration) { try missing.endpoint() }
  }

  @Test(
    "refuses what makes no sense as bad usage",
    arguments: [
      ["--sdkappid", "0"], ["--admin", ""], ["--rate-limit", "-1"], ["--latency", "soon"], ["--fail-row", "30006"],
      ["--fail-row", "30006=2"], ["--fail-row", "7=0.1"], ["--fail-row", "30006=0.6", "--fail-row", "30007=0.6"],
      ["--retry-on-timeout", "11"], ["--delete-type", "all"], ["--chunk", "0"], ["--unlisted-accounts", "maybe"],
      ["--callback-url", "gateway"], ["--listen", "8081"],
    ])
  func badUsage(_ arguments: [String]) throws {
    let error = try #require(throws: (any Error).self) { try SimulateCommand.parse(Self.required + arguments) }
    #expect(SimulateCommand.exitCode(for: error) == .validationFailure)
  }

  @Test("needs to know where callbacks go")
  func callbackURLMissing() throws {
    let error = try #require(throws: (any Error).self) { try SimulateCommand.parse([]) }
    #expect(SimulateCommand.exitCode(for: error) == .validationFailure)
  }
}
