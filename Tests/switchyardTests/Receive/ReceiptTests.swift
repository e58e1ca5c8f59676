import Foundation
import GatewayCore
import Testing

@testable import switchyard

@Suite("A receipt")
struct ReceiptTests {
  private static let id = "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11-0"
  private static let event = """
    {"specversion":"1.0","id":"\(id)","type":"com.tencent.chat.blocklist.added","data":{"from":"id","to":"id1",\
    "big":12345678901234567890123}}
    """

  private func receipt(
    _ body: String = event, verdict: SignatureCheck.Verdict = .valid, status: Int = 200,
    headers: DeliveryHeaders = DeliveryHeaders(id: id, attempt: 1), query: String = ""
  ) -> Receipt {
    Receipt(
      receivedAt: Timestamp(milliseconds: 1_795_206_960_123), headers: headers, verdict: verdict, status: status,
      body: ReceivedBody(Array(body.utf8), query: query))
  }

  @Test("as text is one line with type, accounts, id, attempt and signature")
  func text() {
    #expect(receipt().text == "20:36:00.123 blocklist.added id → id1  \(Self.id)  attempt 1  signature ok")
    #expect(receipt(verdict: .missing, status: 401).text.hasSuffix("  signature missing  answered 401"))
    #expect(receipt(verdict: .unchecked, status: 500).text.hasSuffix("  signature unchecked  answered 500"))
    #expect(
      receipt(verdict: .invalid(reason: "because"), status: 401).text
        .hasSuffix("  signature invalid: because  answered 401"))
  }

  @Test("as text shows groups, accounts, unknown types and what is no event")
  func otherTexts() {
    func start(_ body: String) -> String {
      String(receipt(body, headers: DeliveryHeaders()).text.dropFirst("20:36:00.123 ".count))
    }
    #expect(start(#"{"type":"com.tencent.chat.x","data":{"group":"g"}}"#) == "x g  signature ok")
    #expect(start(#"{"type":"other","data":{"account":"a","group":"g"}}"#) == "other a  signature ok")
    #expect(start(#"{"type":"other","id":"7"}"#) == "other  7  signature ok")
    #expect(start("hello") == "not an event, 5 bytes  signature ok")
    #expect(start("[]") == "not an event, 2 bytes  signature ok")
    #expect(start(#"[{"type":"t"},{"id":"no type"}]"#) == "not an event, 31 bytes  signature ok")
  }

  @Test("lets no control character of an event through")
  func controlCharacters() {
    let body = #"{"type":"t\u001b[2J","id":"i","data":{"from":"a\nb","to":"c\#u{9B}\#u{202E}d"}}"#
    let shown = receipt(body, headers: DeliveryHeaders(id: "x\u{7F}"))
    #expect(
      shown.text == #"20:36:00.123 t\u001b[2J a\u000ab → c\u009b\u202ed  x\u007f  signature ok"#)
    #expect(shown.json.unicodeScalars.allSatisfy { $0.isPrintable })
  }

  @Test("as JSON carries the event as it came, to the digit")
  func json() {
    #expect(
      receipt().json == """
        {"receivedAt":"2026-11-20T20:36:00.123Z","id":"\(Self.id)","type":"com.tencent.chat.blocklist.added",\
        "attempt":1,"signature":"valid","status":200,"event":\(Self.event)}
        """)
  }

  @Test("as JSON has null for what is not known, and the reason of an invalid signature")
  func jsonWithoutEvent() {
    let shown = receipt("nope", verdict: .invalid(reason: "r"), status: 401, headers: DeliveryHeaders())
    #expect(
      shown.json == """
        {"receivedAt":"2026-11-20T20:36:00.123Z","id":null,"type":null,"attempt":null,"signature":"invalid",\
        "reason":"r","status":401,"event":null}
        """)
  }

  @Test(
    "as JSON is one line that parses, whatever the body",
    arguments: [
      "{\n\t\"type\": \"好\u{7F}\u{2028}\",\r\n \"a\": [1.50, -0, 1e400] }", "[{}]", " {} ", "\u{FEFF}{}", "{\0}\0",
      "7", "\"x\"", "{\"a\":\"\u{1}\"}", "{\"a\":\"\t\"}", "",
    ])
  func jsonIsOneLine(_ body: String) throws {
    let line = receipt(body).json
    #expect(!line.contains("\n") && line.unicodeScalars.allSatisfy { $0.isPrintable })
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    #expect(object?["status"] as? Int == 200)
  }

  private static let batchHeaders = DeliveryHeaders(id: "batch-1", attempt: 2)
  private static let batch = """
    [\(event),
     {"type":"com.tencent.chat.group.full","id":"b-7","data":{"group":"g\\u001b","n":1.50}}]
    """

  @Test("of a batch has a line for each event, with its place")
  func batchText() {
    let lines = receipt(Self.batch, headers: Self.batchHeaders).text.components(separatedBy: "\n")
    #expect(
      lines == [
        "20:36:00.123 blocklist.added id → id1  \(Self.id)  1/2 of batch-1  attempt 2  signature ok",
        #"20:36:00.123 group.full g\u001b  b-7  2/2 of batch-1  attempt 2  signature ok"#,
      ])
  }

  @Test("of a batch has an object for each event as it came, with its place")
  func batchJSON() {
    let lines = receipt(Self.batch, status: 500, headers: Self.batchHeaders).json.components(separatedBy: "\n")
    #expect(lines.count == 2)
    #expect(
      lines[0] == """
        {"receivedAt":"2026-11-20T20:36:00.123Z","id":"\(Self.id)","type":"com.tencent.chat.blocklist.added",\
        "attempt":2,"signature":"valid","status":500,"batch":{"id":"batch-1","index":0,"size":2},"event":\(Self.event)}
        """)
    #expect(
      lines[1].hasSuffix(
        #""batch":{"id":"batch-1","index":1,"size":2},"event":{"type":"com.tencent.chat.group.full","id":"b-7","#
          + #""data":{"group":"g\u001b","n":1.50}}}"#))
  }

  @Test("of a whole callback has its command and how long its list is")
  func callbackText() {
    func start(_ body: String, query: String = "") -> String {
      String(receipt(body, query: query).text.dropFirst("20:36:00.123 ".count).prefix { $0 != "-" }.dropLast(10))
    }
    #expect(
      start(#"{"CallbackCommand":"Sns.CallbackFriendAdd","PairList":[{},{}]}"#)
        == "callback Sns.CallbackFriendAdd, 2 in PairList")
    #expect(
      start(#"{"FriendItem":[{}]}"#, query: "SdkAppid=7&CallbackCommand=Sns.CallbackPrevFriendAdd")
        == "callback Sns.CallbackPrevFriendAdd, 1 in FriendItem")
    #expect(start(#"{"CallbackCommand":"x\u001b"}"#) == #"callback x\u001b"#)
    #expect(start(#"{"CallbackCommand":"Sns.CallbackFriendAdd"}"#) == "callback Sns.CallbackFriendAdd")
  }

  @Test("of a whole callback has it as it came")
  func callbackJSON() {
    let body = #"{"CallbackCommand":"Sns.CallbackFriendAdd", "PairList":[],"n":12345678901234567890}"#
    #expect(
      receipt(body).json == """
        {"receivedAt":"2026-11-20T20:36:00.123Z","id":"\(Self.id)","type":null,"attempt":1,"signature":"valid",\
        "status":200,"command":"Sns.CallbackFriendAdd","items":0,"callback":\(body)}
        """)
    #expect(receipt(#"{"a":1}"#, query: "CallbackCommand=X").json.hasSuffix(#""items":null,"callback":{"a":1}}"#))
  }
}
