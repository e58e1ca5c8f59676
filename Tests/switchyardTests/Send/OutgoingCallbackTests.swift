import ArgumentParser
import Foundation
import GatewayCore
import TencentChat
import Testing

@testable import switchyard

@Suite("An outgoing callback")
struct OutgoingCallbackTests {
  private static let now = Timestamp(milliseconds: 1_795_206_960_123)

  private func callback(
    of command: String?, from: String = "id", to: [String] = ["id1"], sequence: UInt32 = 7
  ) throws -> OutgoingCallback {
    try OutgoingCallback(
      of: command,
      scene: CallbackScene(
        app: AppID(rawValue: 1_400_000_000), from: from, to: to, group: "g", now: Timestamp(seconds: 1),
        sequence: sequence, random: 9))
  }

  private func text(_ callback: OutgoingCallback, call: Int = 0) -> String {
    String(decoding: callback.body(of: call, now: Self.now), as: UTF8.self)
  }

  private func object(_ callback: OutgoingCallback, call: Int) throws -> [String: Any] {
    let body = callback.body(of: call, now: Self.now)
    return try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
  }

  @Test("made up is a blocklist entry for each account, compact and in order")
  func blackListAdd() throws {
    let callback = try callback(of: nil, to: ["id1", "a/\"b"])
    #expect(callback.command == "Sns.CallbackBlackListAdd")
    #expect(
      text(callback) == #"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":["#
        + #"{"From_Account":"id","To_Account":"id1"},{"From_Account":"id","To_Account":"a/\"b"}]}"#)
  }

  @Test("made up of a new friend has what Tencent's has")
  func friendAdd() throws {
    let callback = try callback(of: "Sns.CallbackFriendAdd")
    #expect(
      text(callback) == #"{"Admin_Account":"","CallbackCommand":"Sns.CallbackFriendAdd","ClientCmd":"friend_add","#
        + #""ForceFlag":1,"PairList":[{"From_Account":"id","Initiator_Account":"id","To_Account":"id1"}]}"#)
  }

  @Test("can be of any command of the catalogue, also by the type of its events", arguments: EventCatalogue.entries)
  func everyCommand(entry: CatalogueEntry) throws {
    for name in [entry.command, entry.type.rawValue, entry.type.full] {
      let callback = try callback(of: name)
      #expect(callback.command == entry.command)
      #expect(callback.asks == (entry.timing == .before))
      #expect(!callback.body(of: 0, now: Self.now).isEmpty)
    }
  }

  @Test("of no known command is refused, with the one that was meant")
  func unknownCommand() throws {
    func message(_ name: String) throws -> String {
      try #require(throws: ValidationError.self) { try callback(of: name) }.message
    }
    #expect(
      try message("State.StateChanged") == "'State.StateChanged' is no command of the catalogue; did you mean "
        + #""State.StateChange"?"#)
    #expect(try message("friend.aded").contains(#"did you mean "friend.added"?"#))
    #expect(
      try message("Nothing like it") == "'Nothing like it' is no command of the catalogue; "
        + "see 'switchyard catalogue', or give a body of your own with --file")
  }

  @Test("has a time and keys of its own in each call")
  func freshness() throws {
    let callback = try callback(of: "C2C.CallbackAfterSendMsg", to: ["a", "b"])
    let calls = try (0..<3).map { try object(callback, call: $0) }
    #expect(calls.compactMap { $0["MsgSeq"] as? Int } == [7, 9, 11])
    #expect(calls.compactMap { $0["To_Account"] as? String } == ["a", "b", "a"])
    for call in calls {
      let parts = [call["MsgSeq"], call["MsgRandom"], call["MsgTime"]].compactMap { ($0 as? Int).map(String.init) }
      #expect(call["MsgKey"] as? String == parts.joined(separator: "_"))
      #expect(call["MsgTime"] as? Int64 == Self.now.seconds)
    }
    #expect(Set(calls.compactMap { $0["MsgRandom"] as? Int }).count == 3)
    #expect(try object(self.callback(of: "group.full"), call: 0)["EventTime"] as? Int64 == Self.now.milliseconds)
  }

  @Test("from a file keeps its bytes and names its command itself")
  func file() throws {
    let body = Array("{ \"CallbackCommand\" : \"State.StateChange\"\n}".utf8)
    let callback = try OutgoingCallback(of: nil, file: body)
    #expect(callback.command == "State.StateChange")
    #expect(callback.body(of: 3, now: Self.now) == body)
    #expect(try OutgoingCallback(of: "Other", file: body).command == "Other")
    #expect(try OutgoingCallback(of: "friend.added", file: body).command == "Sns.CallbackFriendAdd")
    #expect(try OutgoingCallback(of: "Broken", file: [0xFF]).body(of: 0, now: Self.now) == [0xFF])
    let push = Array(#"{"Events":[{"CallbackCommand":"Push.OfflinePush"}]}"#.utf8)
    #expect(try OutgoingCallback(of: nil, file: push).command == "Push.OfflinePush")
    #expect(throws: ValidationError.self) { try OutgoingCallback(of: nil, file: Array("[]".utf8)) }
  }
}
