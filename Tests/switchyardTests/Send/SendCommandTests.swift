import ArgumentParser
import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite("send")
struct SendCommandTests {
  private func body(of command: SendCommand) throws -> String {
    String(decoding: try command.callback().body(of: 0, now: .now()), as: UTF8.self)
  }

  @Test("posts one made-up callback to the gateway's own address unless told otherwise")
  func defaults() throws {
    let command = try SendCommand.parse([])
    #expect(command.url.description == "http://127.0.0.1:8080/callback")
    #expect(command.appID == 1_400_000_000)
    #expect(command.count == 1)
    #expect(try body(of: command).contains(#"{"From_Account":"id","To_Account":"id3"}]"#))
  }

  @Test("takes every flag of the contract")
  func flags() throws {
    let command = try SendCommand.parse([
      "--url", "https://gateway.example/secret-path", "--sdkappid", "7", "--token", "t", "--command",
      "Sns.CallbackFriendDelete", "--from", "A", "--to", "B,C", "--count", "9", "--rate", "2.5",
    ])
    let callback = try command.callback()
    #expect(callback.command == "Sns.CallbackFriendDelete")
    #expect(
      try body(of: command) == #"{"CallbackCommand":"Sns.CallbackFriendDelete","PairList":["#
        + #"{"From_Account":"A","To_Account":"B"},{"From_Account":"A","To_Account":"C"}]}"#)
    #expect(command.rate == 2.5)
  }

  @Test("makes up as many pairs as it is told")
  func pairs() throws {
    let body = try body(of: try SendCommand.parse(["--pairs", "1000"]))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    let pairs = try #require(object["PairList"] as? [[String: String]])
    #expect(Set(pairs.compactMap { $0["To_Account"] }).count == 1000)
  }

  @Test("fills in a group, and the app where the body has it")
  func groupAndApp() throws {
    let joined = try body(
      of: try SendCommand.parse(["--command", "group.member.joined", "--group", "a\"b", "--to", "x", "--from", "y"]))
    #expect(joined.contains(#""GroupId":"a\"b","JoinType":"Invited","NewMemberList":[{"Member_Account":"x"}]"#))
    let reviewed = try body(of: try SendCommand.parse(["--command", "content.reviewed", "--sdkappid", "7"]))
    #expect(reviewed.contains(#""SdkAppId":7,"#))
  }

  @Test("posts a file's bytes, and says which it cannot read")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "callback-\(UUID()).json").path
    let bytes = Array("{\n \"CallbackCommand\": \"X.Y\" }".utf8)
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let callback = try SendCommand.parse(["--file", path]).callback()
    #expect(callback.command == "X.Y")
    #expect(callback.body(of: 0, now: .now()) == bytes)
    #expect(throws: CommandFailure.self) { try InputFile.read(path: path, limit: bytes.count - 1) }
    let missing = try #require(throws: CommandFailure.self) {
      try SendCommand.parse(["--file", "/nowhere.json"]).callback()
    }
    #expect(missing.description.hasPrefix("cannot read /nowhere.json: No such file or directory;"))
  }

  @Test(
    "refuses what makes no sense as bad usage",
    arguments: [
      ["--count", "0"], ["--rate", "0"], ["--rate", "inf"], ["--sdkappid", "0"], ["--pairs", "0"],
      ["--request-id", ""], ["--url", "gateway"],
      ["--url", "ftp://x/"], ["--url", "http://h/#x"], ["--pairs", "2", "--to", "a"], ["--file", "-", "--to", "a"],
    ])
  func badUsage(_ arguments: [String]) throws {
    let error = try #require(throws: (any Error).self) { try SendCommand.parse(arguments) }
    #expect(SendCommand.exitCode(for: error) == .validationFailure)
  }
}
