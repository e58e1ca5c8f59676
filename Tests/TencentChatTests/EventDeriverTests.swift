import Foundation
import GatewayCore
import TencentChat
import Testing

@Suite struct EventDeriverTests {
  private static let add = "Sns.CallbackFriendAdd"

  @Test("An event is the contract's JSON, to the byte")
  func golden() throws {
    let name = "Sns.CallbackBlackListAdd"
    let sample = try JSONSerialization.jsonObject(with: Data(try Sample.bytes(name)))
    #expect(sample is [String: Any])
    let pairs = (1...3).map { #"{"From_Account":"id","To_Account":"id\#($0)"}"# }
    let body = #"{"CallbackCommand":"\#(name)","PairList":[\#(pairs.joined(separator: ","))]}"#
    let id = "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11"
    var app = Fixture.app
    app.duplicates = .none
    let query = "SdkAppid=1400000000&CallbackCommand=\(name)&contenttype=json&ClientIP=203.0.113.7&OptPlatform=iOS"
    let batch = try #require(try Fixture.read(Array(body.utf8), query: query, app: app).batch)
    let events = try Fixture.bodies(batch)
    for index in 0..<3 {
      #expect(
        events[index] == #"{"specversion":"1.0","id":"\#(id)-\#(index)","source":"/tencent-chat/apps/1400000000","#
          + #""type":"com.tencent.chat.blocklist.added","time":"2026-11-20T20:36:00.123Z","#
          + #""partitionkey":"id|id\#(index + 1)","datacontenttype":"application/json","#
          + #""data":{"sdkAppId":1400000000,"command":"Sns.CallbackBlackListAdd","from":"id","to":"id\#(index + 1)","#
          + #""item":{"From_Account":"id","To_Account":"id\#(index + 1)"},"callback":{},"#
          + #""batch":{"id":"\#(id)","index":\#(index),"size":3},"#
          + #""client":{"ip":"203.0.113.7","platform":"iOS"},"receivedAt":"2026-11-20T20:36:00.123Z"}}"#)
    }
  }

  @Test("The batch is known by what was stored")
  func batch() throws {
    let read = try CallbackReader(digest: FixedDigest()).read(
      query: CallbackQuery(Fixture.query(Self.add)), app: Fixture.app, peer: "::1", traceparent: "00-ab-cd-01",
      body: Array(#"{"PairList":[{"From_Account":"a","To_Account":"b"}]}"#.utf8), receivedAt: Fixture.receivedAt)
    let stored = Fixture.stored(try #require(read.batch))
    let derived = try CallbackEventDeriver().derive(stored)
    #expect(derived.id == stored.id && derived.first == stored.first && derived.kind == stored.kind)
    #expect(derived.eventCount == 1 && derived.receivedAt == Fixture.receivedAt)
    #expect(derived.traceparent == "00-ab-cd-01")
    #expect(derived.size > 52)
  }

  @Test("Each sample's events are valid JSON, and the same each time", arguments: Sample.names)
  func samples(name: String) throws {
    let bytes = try Sample.bytes(name)
    func read() throws -> NewBatch? {
      let read = try Fixture.read(bytes, query: Fixture.query(name))
      return read.answered(read.reply).batch
    }
    let batch = try #require(try read())
    let again = try #require(try read())
    #expect(batch.id == again.id)
    let events = try Fixture.bodies(batch)
    #expect(events == (try Fixture.bodies(again)))
    for (index, event) in events.enumerated() {
      let parsed = try #require(try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any])
      #expect(parsed["id"] as? String == "\(batch.id)-\(index)")
      let data = try #require(parsed["data"] as? [String: Any])
      #expect(data["command"] as? String == name)
    }
  }

  @Test("Mirrored rows stay two rows, in order, with one partition key")
  func mirrored() throws {
    let sample = try JSONSerialization.jsonObject(with: Data(try Sample.bytes("Sns.CallbackFriendDelete.both")))
    let packet = try #require(sample as? [String: Any])
    let body = try JSONSerialization.data(withJSONObject: try #require(packet["body"]))
    let query = try #require(packet["query"] as? [String: String])
    let text = query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    let batch = try #require(try Fixture.read(Array(body), query: text).batch)
    let events = try Fixture.bodies(batch)
    #expect(events.count == 2)
    #expect(events[0].contains(#""from":"100172","to":"100214""#))
    #expect(events[1].contains(#""from":"100214","to":"100172""#))
    #expect(events.allSatisfy { $0.contains(#""partitionkey":"100172|100214""#) })
  }

  @Test("Pairs of two thousand and more stay in order", arguments: [1_000, 2_500])
  func many(count: Int) throws {
    let pairs = (0..<count).map { #"{"From_Account":"f\#($0)","To_Account":"t\#($0)","n":\#($0)}"# }
    let events = try Fixture.events(Self.add, #"{"PairList":[\#(pairs.joined(separator: ","))],"z":0}"#)
    #expect(events.count == count)
    for (index, event) in events.enumerated() {
      #expect(event.contains(#""item":\#(pairs[index]),"callback":{"z":0}"#))
      #expect(event.contains(#","index":\#(index),"size":\#(count)}"#))
    }
  }

  @Test("An item stays as it came: space, order, numbers of any length, escapes, unknown fields")
  func verbatimItem() throws {
    let item =
      #"{ "New" : [1.0, 1e400, 123456789012345678901234567890] ,"To_Account":"\u4f60\/", "From_Account" :"你","x":"\uD800"}"#
    let events = try Fixture.events(Self.add, "{\"PairList\":[\r\n\(item)\t]}")
    #expect(events.count == 1)
    #expect(events[0].contains(#""from":"你","to":"\u4f60\/","item":\#(item),"callback":{}"#))
  }

  @Test("The other top-level members stay as they came and in their order")
  func verbatimCallback() throws {
    let body = """
      {"z" : 1.50, "CallbackCommand":"\(Self.add)" ,"\\u0061":{ "b":[ ] },
       "PairList":[{"From_Account":"a","To_Account":"b"}], "z":18446744073709551616}
      """
    #expect(
      try Fixture.part(of: Fixture.events(Self.add, body)[0], from: #""callback":"#, to: #","batch""#)
        == #"{"z":1.50,"\u0061":{ "b":[ ] },"z":18446744073709551616}"#)
  }

  @Test(
    "The partition key compares what accounts stand for, byte by byte",
    arguments: [
      (#""b""#, #""a""#, "a|b"), (#""a""#, #""b""#, "a|b"), (#""\u0062""#, #""\u0061""#, "a|b"),
      (#""\u4f60""#, #""z""#, "z|你"), (#""你""#, #""z""#, "z|你"), (#""a""#, #""a""#, "a|a"), (#""B""#, #""a""#, "B|a"),
      (#""10""#, #""9""#, "10|9"), (#""a\"\\""#, #""""#, #"|a\"\\"#), (#""\n""#, #""\u0001""#, #"\u0001|\n"#),
      (#""\uFF5E""#, #""\uD83D\uDE00""#, "～|😀"), (#""\u002f""#, #""\/""#, "/|/"),
    ])
  func partitionKey(from: String, to: String, key: String) throws {
    let item = #"{"From_Account":\#(from),"To_Account":\#(to)}"#
    let event = try Fixture.events(Self.add, #"{"PairList":[\#(item)]}"#)[0]
    #expect(event.contains(#"","partitionkey":"\#(key)","datacontenttype""#))
    #expect(event.contains(#""from":\#(from),"to":\#(to),"item":\#(item)"#))
  }

  @Test("Without the batch field there is no item, no account and no partition key")
  func noItem() throws {
    let event = try Fixture.events(Self.add, #"{"CallbackCommand":"\#(Self.add)","ForceFlag":1}"#)[0]
    #expect(event.contains(#""type":"com.tencent.chat.friend.added""#))
    #expect(event.contains(#""datacontenttype":"application/json","data":{"sdkAppId":1400000000,"#))
    #expect(event.contains(#""command":"\#(Self.add)","callback":{"ForceFlag":1},"batch""#))
    #expect(event.contains(#""index":0,"size":1}"#))
  }

  @Test("What is carried whole has all of the body but the command in `callback`")
  func whole() throws {
    let event = try Fixture.events(Self.add, #"{"CallbackCommand":"\#(Self.add)","PairList":{"a":1},"x":[2]}"#)[0]
    #expect(event.contains(#""type":"com.tencent.chat.callback""#))
    #expect(event.contains(#""command":"\#(Self.add)","callback":{"PairList":{"a":1},"x":[2]},"batch""#))
    #expect(!event.contains("\"item\"") && !event.contains("partitionkey"))
  }

  @Test("A command that Tencent waits for is one event with all its items")
  func before() throws {
    let body = #"{"From_Account":"id","FriendItem":[{"To_Account":"a"},{"To_Account":"b"}],"EventTime":1631777344870}"#
    let events = try Fixture.events("Sns.CallbackPrevFriendAdd", body)
    #expect(events.count == 1)
    #expect(
      events[0].contains(#""type":"com.tencent.chat.friend.add_requested","time":"2021-09-16T07:29:04.870Z","data"#))
    #expect(events[0].contains(#""from":"id","callback":\#(body),"decision":{"ActionStatus":"OK","ErrorCode":0,"#))
  }

  @Test(
    "The time is the body's where it has one that can be meant, else that of receipt",
    arguments: [
      ("1670574414123", "2022-12-09T08:26:54.123Z"), ("\"1670574414123\"", "2022-12-09T08:26:54.123Z"),
      ("1670574414", "2022-12-09T08:26:54.000Z"), ("\"1670574414\"", "2022-12-09T08:26:54.000Z"),
      ("0", "2026-11-20T20:36:00.123Z"), ("-1", "2026-11-20T20:36:00.123Z"), ("null", "2026-11-20T20:36:00.123Z"),
      ("\"soon\"", "2026-11-20T20:36:00.123Z"), ("99999999999999999999", "2026-11-20T20:36:00.123Z"),
      ("[1670574414]", "2026-11-20T20:36:00.123Z"),
    ])
  func time(value: String, time: String) throws {
    for command in ["State.StateChange", "Sns.CallbackPrevFriendAdd"] {
      let event = try Fixture.events(command, "{\"EventTime\":\(value)}")[0]
      #expect(event.contains(#""time":"\#(time)","datacontenttype""#))
      #expect(event.contains(#""receivedAt":"2026-11-20T20:36:00.123Z"}}"#))
    }
  }

  @Test(
    "Absent client values are absent",
    arguments: [
      ("", #"},"receivedAt""#), ("&ClientIP=&OptPlatform=", #"},"receivedAt""#),
      ("&ClientIP=::1", #"},"client":{"ip":"::1"},"receivedAt""#),
      ("&optplatform=a%22%0a", #"},"client":{"platform":"a\"\n"},"receivedAt""#),
    ])
  func client(parameters: String, part: String) throws {
    let batch = try #require(try Fixture.read(Array("{}".utf8), query: "CallbackCommand=X.Y" + parameters).batch)
    #expect(try Fixture.bodies(batch)[0].contains(#""size":1\#(part)"#))
  }

  @Test("A command is escaped")
  func command() throws {
    let event = try Fixture.events("X%22%5C%01", "{}")[0]
    #expect(event.contains(#""command":"X\"\\\u0001","callback":{}"#))
  }

  @Test("The text of a field is without JSON's escapes, and absent where the event has no such text")
  func texts() throws {
    let pairs = [
      #"{"From_Account":"caf\u00e9\/\ud83d\ude00","To_Account":"\u7528\u6237\n"}"#,
      #"{"From_Account":"\u002a","To_Account":""}"#,
    ]
    func texts(_ items: [String]) throws -> [[String?]] {
      let body = #"{"PairList":[\#(items.joined(separator: ","))]}"#
      let derived = try CallbackEventDeriver().derive(
        Fixture.stored(try #require(try Fixture.read(Self.add, body).batch)))
      return (0..<derived.eventCount).map { index in
        EventMatch.Field.allCases.map { field in
          derived.text(of: field, at: index).map { String(decoding: $0, as: UTF8.self) }
        }
      }
    }
    #expect(try texts(pairs) == [["café/😀", "用户\n", nil, nil], ["*", "", nil, nil]])
    // Of an unexpected shape, so carried whole.
    #expect(try texts([#"{"From_Account":null,"To_Account":["x"]}"#]) == [[nil, nil, nil, nil]])
  }
}

/// For tests to whom the hash does not matter.
private struct FixedDigest: Digest {
  func sha256(_ parts: [[UInt8]]) -> [UInt8] { [UInt8](repeating: 7, count: 32) }
  func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
}
