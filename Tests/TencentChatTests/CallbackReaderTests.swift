import Foundation
import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite struct CallbackReaderTests {
  private static let pair = #"{"From_Account":"a","To_Account":"b"}"#
  private static let add = "Sns.CallbackFriendAdd"

  @Test(
    "What is not one JSON object is malformed",
    arguments: [
      "", " ", "[]", "1", "null", "\"x\"", "{", "{}x", "{} {}", "{\"a\":}", "\u{FEFF}{}", "{\"a\":\"\u{1}\"}",
      "{\"a\":" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}",
    ])
  func malformed(body: String) {
    let error = #expect(throws: MalformedCallback.self) { try Fixture.read(Self.add, body) }
    #expect(error?.description.hasSuffix(".") == true)
  }

  @Test("Bytes that are not UTF-8 are malformed, also where nobody looks")
  func badUTF8() {
    let body = Array("{\"x\":{\"y\":[\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"]}}".utf8)
    #expect(throws: MalformedCallback.self) { try Fixture.read(body, query: Fixture.query(Self.add)) }
  }

  @Test("Sixty-four levels are taken")
  func depth() throws {
    let body = "{\"a\":" + String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + "}"
    #expect(try Fixture.read("X.Y", body).batch?.eventCount == 1)
  }

  @Test("A command must be named somewhere", arguments: ["{}", #"{"CallbackCommand":5}"#, #"{"CallbackCommand":""}"#])
  func noCommand(body: String) {
    let error = #expect(throws: MalformedCallback.self) {
      try Fixture.read(Array(body.utf8), query: Fixture.query(nil))
    }
    #expect(error?.description == "Neither the query nor the body names a CallbackCommand.")
  }

  @Test("The query's command counts, else the body's")
  func command() throws {
    let body = Array(#"{"CallbackCommand":"Sns.CallbackFriend\u0041dd","PairList":[\#(Self.pair)]}"#.utf8)
    for command in [Self.add, nil] {
      let batch = try #require(try Fixture.read(body, query: Fixture.query(command)).batch)
      #expect(batch.kind.command == Self.add)
      #expect(batch.kind.type.rawValue == "friend.added")
      #expect(batch.kind.app == Fixture.app.id)
    }
    let batch = try #require(try Fixture.read(Self.add, #"{"PairList":[\#(Self.pair)]}"#).batch)
    #expect(batch.kind.type.rawValue == "friend.added")
  }

  @Test("Each pair is an event, however many", arguments: [1, 2, 3, 1_000, 2_000, 2_500])
  func counts(pairs: Int) throws {
    let list = repeatElement(Self.pair, count: pairs).joined(separator: ",")
    let read = try Fixture.read(Self.add, "{\"PairList\":[\(list)]}")
    #expect(read.batch?.eventCount == pairs)
    #expect(read.unsplitReason == nil)
    #expect(read.reply == CallbackReply.ok)
  }

  @Test("An empty batch field makes nothing and is answered OK", arguments: ["[]", "[ \n ]"])
  func empty(list: String) throws {
    let read = try Fixture.read(Self.add, "{\"PairList\":\(list)}")
    #expect(read.batch == nil)
    #expect(read.unsplitReason == nil)
    #expect(read.reply == CallbackReply.ok)
  }

  @Test("An absent batch field makes one event of the command's own type")
  func absent() throws {
    let read = try Fixture.read(Self.add, #"{"CallbackCommand":"Sns.CallbackFriendAdd","ForceFlag":1}"#)
    #expect(read.batch?.eventCount == 1)
    #expect(read.batch?.kind.type.rawValue == "friend.added")
    #expect(read.batch?.derivation.rawValue == "1 time=callback.EventTime")
    #expect(read.unsplitReason == nil)
  }

  @Test(
    "What has another shape than it should is carried whole",
    arguments: [
      (#"{"PairList":{}}"#, .batchShape), (#"{"PairList":null}"#, .batchShape), (#"{"PairList":"x"}"#, .batchShape),
      (#"{"PairList":[1]}"#, .batchShape), (#"{"PairList":["x"]}"#, .batchShape), (#"{"PairList":[[]]}"#, .batchShape),
      (#"{"PairList":[{}]}"#, .batchShape), (#"{"PairList":[{"From_Account":"a"}]}"#, .batchShape),
      (#"{"PairList":[{"From_Account":"a","To_Account":1}]}"#, .batchShape),
      (#"{"PairList":[{"From_Account":null,"To_Account":"b"}]}"#, .batchShape),
      (#"{"PairList":[\#(pair),{"from_account":"a","To_Account":"b"}]}"#, .batchShape),
      (#"{"PairList":[\#(pair)],"PairList":[\#(pair)]}"#, .duplicateKey),
      (#"{"PairList":[],"PairList":[]}"#, .duplicateKey), (#"{"PairList":null,"Pair\u004cist":[]}"#, .duplicateKey),
      (#"{"PairList":[{"From_Account":"a","To_Account":"b","From_Account":"a"}]}"#, .duplicateKey),
      (#"{"PairList":[{"From_Account":"a","To_Account":"b","To\u005fAccount":"c"}]}"#, .duplicateKey),
      (#"{"PairList":[{"From_Account":null,"To_Account":"b","From_Account":"a"}]}"#, .duplicateKey),
      (#"{"EventTime":1,"EventTime":2,"PairList":[]}"#, .duplicateKey),
      (#"{"CallbackCommand":"\#(add)","CallbackCommand":"\#(add)"}"#, .duplicateKey),
      (#"{"CallbackCommand":"\#(add)","CallbackCommand":"x"}"#, .commandMismatch),
      (#"{"CallbackCommand":"Sns.CallbackFriendDelete","PairList":[]}"#, .commandMismatch),
      (#"{"CallbackCommand":"sns.callbackfriendadd"}"#, .commandMismatch),
      (#"{"CallbackCommand":7,"PairList":[\#(pair)]}"#, .commandMismatch),
      (#"{"CallbackCommand":null,"PairList":[\#(pair)]}"#, .commandMismatch),
      (#"{"CallbackCommand":"","CallbackCommand":"x"}"#, .commandMismatch),
      (#"{"CallbackCommand":"","CallbackCommand":""}"#, .duplicateKey),
    ] as [(String, UnsplitReason)])
  func odd(body: String, reason: UnsplitReason) throws {
    let read = try Fixture.read(Self.add, body)
    #expect(read.unsplitReason == reason)
    #expect(read.batch?.kind == EventKind(app: Fixture.app.id, type: .callback, command: Self.add))
    #expect(read.batch?.eventCount == 1)
    #expect(read.batch?.derivation.rawValue == "1 time=callback.EventTime")
    #expect(read.reply == CallbackReply.ok)
  }

  @Test("An empty command in the body names none, so that the query's counts and the pairs are split")
  func emptyCommand() throws {
    let read = try Fixture.read(Self.add, #"{"CallbackCommand":"","PairList":[\#(Self.pair),\#(Self.pair)]}"#)
    #expect(read.unsplitReason == nil)
    #expect(read.batch?.kind.type.rawValue == "friend.added")
    #expect(read.batch?.eventCount == 2)
  }

  @Test("A key that nobody reads may stand twice")
  func harmlessDuplicates() throws {
    let body = #"{"x":1,"x":2,"PairList":[{"From_Account":"a","To_Account":"b","y":1,"y":2}]}"#
    #expect(try Fixture.read(Self.add, body).unsplitReason == nil)
  }

  @Test("Of several reasons the first counts: command, catalogue, keys, shape")
  func precedence() throws {
    let twice = #""PairList":1,"PairList":2"#
    #expect(try Fixture.read("X.Y", #"{"CallbackCommand":"X.Z",\#(twice)}"#).unsplitReason == .commandMismatch)
    #expect(
      try Fixture.read("X.Y", #"{"CallbackCommand":"X.Y","CallbackCommand":"X.Y"}"#).unsplitReason == .unknownCommand)
    #expect(try Fixture.read(Self.add, "{\(twice)}").unsplitReason == .duplicateKey)
  }

  @Test("The labels of the reasons are those of the metric")
  func labels() {
    #expect(
      UnsplitReason.allCases.map(\.rawValue) == ["command_mismatch", "unknown_command", "duplicate_key", "batch_shape"])
  }

  @Test("Every sample is cut as its row says", arguments: Sample.names)
  func samples(name: String) throws {
    let asked = try Fixture.read(try Sample.bytes(name), query: Fixture.query(name))
    let read = asked.answered(asked.reply)
    let row = try #require(EventCatalogue.entries.first { $0.command == name })
    #expect(read.unsplitReason == nil)
    #expect(read.batch?.kind.type == row.type)
    let items = ["PairList": 3, "NewMemberList": 2]
    #expect(read.batch?.eventCount == row.rule.batchField.map { items["\($0)"] } ?? 1)
  }

  @Test("A command that is not in the catalogue is carried whole")
  func unknownCommand() throws {
    let read = try Fixture.read("Group.CallbackOfTheFuture", #"{"PairList":[1,2]}"#)
    #expect(read.unsplitReason == .unknownCommand)
    #expect(read.batch?.kind.type == .callback)
    #expect(read.batch?.eventCount == 1)
  }

  @Test("The payload is the callback as it came, less its credentials")
  func payload() throws {
    let query = "b=%41&Sign=ab&SdkAppid=1400000000&RequestTime=5&CallbackCommand=X.Y&&a=+"
    let body = Array(" {\"x\" : 1}\r\n".utf8)
    let read = try CallbackReader(digest: OpenSSLDigest()).read(
      query: CallbackQuery(query), app: Fixture.app, peer: "2001:db8::1", traceparent: "00-ab-cd-01", body: body,
      receivedAt: Fixture.receivedAt)
    let record = CallbackRecord(decoding: try #require(read.batch).payload)
    #expect(
      record
        == CallbackRecord(
          query: "b=%41&SdkAppid=1400000000&CallbackCommand=X.Y&&a=+", peer: "2001:db8::1", traceparent: "00-ab-cd-01",
          body: body))
    #expect(read.batch?.receivedAt == Fixture.receivedAt)
  }
}
