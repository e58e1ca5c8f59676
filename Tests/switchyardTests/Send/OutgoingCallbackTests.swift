import ArgumentParser
import Testing

@testable import switchyard

@Suite("An outgoing callback")
struct OutgoingCallbackTests {
  private func text(_ callback: OutgoingCallback) -> String { String(decoding: callback.body, as: UTF8.self) }

  @Test("made up is a blocklist entry for each account, compact and in order")
  func blackListAdd() throws {
    let callback = try OutgoingCallback(command: nil, from: "id", to: ["id1", "a/\"b"])
    #expect(callback.command == "Sns.CallbackBlackListAdd")
    #expect(
      text(callback) == #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":["#
        + #"{"From_Account":"id","To_Account":"id1"},{"From_Account":"id","To_Account":"a/\"b"}]}"#)
  }

  @Test("made up of a new friend has what Tencent's has")
  func friendAdd() throws {
    let callback = try OutgoingCallback(command: "Sns.CallbackFriendAdd", from: "id", to: ["id1"])
    #expect(
      text(callback) == #"{"Admin_Account":"","CallbackCommand":"Sns.CallbackFriendAdd","ClientCmd":"friend_add","#
        + #""ForceFlag":1,"PairList":[{"From_Account":"id","Initiator_Account":"id","To_Account":"id1"}]}"#)
  }

  @Test("of another command has to come from a file")
  func unknownCommand() throws {
    let error = try #require(throws: ValidationError.self) {
      try OutgoingCallback(command: "State.StateChange", from: "id", to: ["id1"])
    }
    #expect(error.message.hasSuffix("give the body of 'State.StateChange' with --file"))
  }

  @Test("from a file keeps its bytes and names its command itself")
  func file() throws {
    let body = Array("{ \"CallbackCommand\" : \"State.StateChange\"\n}".utf8)
    let callback = try OutgoingCallback(command: nil, body: body)
    #expect(callback.command == "State.StateChange")
    #expect(callback.body == body)
    #expect(try OutgoingCallback(command: "Other", body: body).command == "Other")
    #expect(try OutgoingCallback(command: "Broken", body: [0xFF]).body == [0xFF])
    #expect(throws: ValidationError.self) { try OutgoingCallback(command: nil, body: Array("[]".utf8)) }
  }
}
