import ArgumentParser
import Testing

@testable import switchyard

@Suite("The command line of explain")
struct ExplainCommandTests {
  @Test(
    "takes a query as it is at hand",
    arguments: [
      ("SdkAppid=1&a=b", "SdkAppid=1&a=b"), ("?SdkAppid=1", "SdkAppid=1"), ("/callback?SdkAppid=1", "SdkAppid=1"),
      ("https://gateway.example/callback?SdkAppid=1&a=b#top", "SdkAppid=1&a=b"),
      ("SdkAppid=1&a=b?c", "SdkAppid=1&a=b?c"), ("?a=b?c=d", "a=b?c=d"), ("https://gateway.example/callback", ""),
      ("", ""),
    ])
  func query(_ argument: String, _ query: String) {
    #expect(QueryArgument(argument: argument).text == query)
  }

  @Test("takes every flag")
  func flags() throws {
    let command = try ExplainCommand.parse([
      "--routes", "r.yaml", "--query", "SdkAppid=1", "--peer", "2001:db8::1", "--subscriber", "audit", "--all",
      "--json", "-",
    ])
    #expect(command.routes == "r.yaml" && command.callback == "-" && command.all && command.json)
    #expect(try ExplainCommand.parse(["--query", "a=b", "x.json"]).routes == "routes.yaml")
  }

  @Test(
    "refuses what makes no sense as bad usage",
    arguments: [["x.json"], ["--query", "a=b"], ["--query", "a=b", "--peer", "here", "x.json"]])
  func badUsage(_ arguments: [String]) throws {
    let error = try #require(throws: (any Error).self) { try ExplainCommand.parse(arguments) }
    #expect(ExplainCommand.exitCode(for: error) == .validationFailure)
  }
}
