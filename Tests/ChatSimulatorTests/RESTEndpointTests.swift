import ChatSimulator
import GatewayCore
import TencentChat
import Testing

@Suite("A REST call")
struct RESTEndpointTests {
  private static let body = Chat.pairs("id", ["id1"])

  @Test(
    "is refused for its query",
    arguments: [
      ("identifier=administrator&usersig=x&random=1&contenttype=json", 60012),
      ("SdkAppid=1400000000&identifier=administrator&usersig=x&random=1&contenttype=json", 60012),
      ("sdkappid=&identifier=administrator&usersig=x&random=1&contenttype=json", 60012),
      ("sdkappid=app&identifier=administrator&usersig=x&random=1&contenttype=json", 60006),
      ("sdkappid=1400000009&identifier=administrator&usersig=x&random=1&contenttype=json", 70020),
      ("sdkappid=1400000000&usersig=x&random=1&contenttype=json", 60004),
      ("sdkappid=1400000000&identifier=administrator&usersig=&random=1&contenttype=json", 60004),
      ("sdkappid=1400000000&identifier=id&usersig=x&random=1&contenttype=json", 60010),
      ("sdkappid=1400000000&identifier=Administrator&usersig=x&random=1&contenttype=json", 60010),
      ("sdkappid=1400000000&identifier=administrator&usersig=x&contenttype=json", 60002),
      ("sdkappid=1400000000&identifier=administrator&usersig=x&random=4294967296&contenttype=json", 60002),
      ("sdkappid=1400000000&identifier=administrator&usersig=x&random=-1&contenttype=json", 60002),
      ("sdkappid=1400000000&identifier=administrator&usersig=x&random=1&contenttype=JSON", 60002),
    ])
  func query(query: String, code: Int) {
    let answer = Chat().call("black_list_add", Self.body, query: query)
    #expect(answer.error?.code == code)
    #expect(answer.text.hasPrefix(#"{"ActionStatus":"FAIL","ErrorCode":\#(code),"ErrorInfo":""#))
    #expect(answer.callbacks.isEmpty)
  }

  @Test("takes the largest random, and escapes in the identifier")
  func goodQuery() {
    let query =
      "contenttype=json&random=4294967295&usersig=%2B&identifier=%E7%AE%A1%E7%90%86%E5%91%98&sdkappid=1400000000"
    #expect(Chat().call("black_list_add", Self.body, query: query).codes == [0])
  }

  @Test(
    "is refused for its body",
    arguments: [
      ("", 60003), ("{", 60003), ("[]", 60003), (#"{"a":1}x"#, 60003), ("\u{FEFF}{}", 60003), ("{}", 30001),
      (#"{"From_Account":"id"}"#, 30001), (#"{"From_Account":"id","To_Account":"id1"}"#, 30001),
      (#"{"From_Account":"id","To_Account":[]}"#, 30001), (#"{"From_Account":1,"To_Account":["id1"]}"#, 60015),
      (#"{"From_Account":"id","To_Account":["id1",2]}"#, 60015), (#"{"From_Account":"","To_Account":["id1"]}"#, 30001),
      (#"{"From_Account":"0123456789012345678901234567890123","To_Account":["id1"]}"#, 30001),
      (String(repeating: "[", count: 100), 60003),
      (#"{"x":\#(String(repeating: "[", count: 70))\#(String(repeating: "]", count: 70))}"#, 60003),
    ])
  func body(body: String, code: Int) {
    #expect(Chat().call("black_list_add", body).error?.code == code)
  }

  @Test(
    "of friends is refused for its body",
    arguments: [
      (#"{"From_Account":"id","AddFriendItem":[{"To_Account":"a"}]}"#, 30001),
      (#"{"From_Account":"id","AddFriendItem":["a"]}"#, 30001),
      (#"{"From_Account":"id","AddFriendItem":[{"AddSource":"AddSource_Type_A"}]}"#, 30001),
      (#"{"From_Account":"id","AddFriendItem":[{"To_Account":7,"AddSource":"AddSource_Type_A"}]}"#, 60015),
      (#"{"From_Account":"id","AddFriendItem":[{"To_Account":"a","AddSource":"AddSource_Type_A","Remark":1}]}"#, 30001),
      (
        #"{"From_Account":"id","AddFriendItem":[{"To_Account":"a","AddSource":"AddSource_Type_A"}],"AddType":"Both"}"#,
        30001
      ),
      (
        #"{"From_Account":"id","AddFriendItem":[{"To_Account":"a","AddSource":"AddSource_Type_A"}],"ForceAddFlags":2}"#,
        30001
      ),
    ])
  func friendBody(body: String, code: Int) {
    #expect(Chat().call("friend_add", body).error?.code == code)
  }

  @Test("takes up to a thousand accounts")
  func limit() {
    let accounts = (1...1001).map { "u\($0)" }
    #expect(Chat().blackListAdd(accounts).error?.code == 30001)
    let answer = Chat().blackListAdd(accounts.dropLast())
    #expect(answer.rows.count == 1000)
    #expect(answer.callbacks.map(\.pairs.count) == [1000])
  }

  @Test("is refused that is no POST, or of no command")
  func notACall() {
    #expect(Chat().call("black_list_add", Self.body, method: "GET").error?.code == 60002)
    #expect(Chat().call("friend_import", Self.body).error?.code == 60002)
  }

  @Test("is refused as a whole where its own account does not exist or is another app's")
  func from() {
    var accounts = AccountDirectory(unlistedExist: false)
    accounts.addForeign("x")
    let chat = Chat(graph: RelationshipGraph(accounts: accounts))
    #expect(chat.blackListAdd(["id1"], from: "x").error?.code == 30002)
    #expect(chat.blackListAdd(["id1"]).error?.code == 30003)
  }

  @Test("may come so many times a second, counted for each app and command, and refused ones do not count")
  func rate() {
    let chat = Chat(callsPerSecond: 2)
    let start = ContinuousClock.now
    func code(_ command: String = "black_list_add", after: Duration, app: String = "1400000000") -> Int {
      let query = Chat.query.replacing("1400000000", with: app)
      return chat.call(command, Self.body, query: query, now: start + after).error?.code ?? 0
    }
    #expect([0, 10, 20, 999].map { code(after: .milliseconds($0)) } == [0, 0, 60007, 60007])
    #expect(code("black_list_delete", after: .milliseconds(20)) == 0)
    #expect(code(after: .milliseconds(20), app: "1400000001") == 0)
    #expect([1000, 1001, 1002].map { code(after: .milliseconds($0)) } == [0, 0, 60007])
  }

  @Test("is refused when as much is kept as may be")
  func full() {
    let chat = Chat(maxEntries: 2)
    #expect(chat.blackListAdd(["a", "b"]).error == nil)
    #expect(chat.blackListAdd(["c"]).error?.code == 60009)
  }

  @Test("of one app knows nothing of another's")
  func apps() {
    let chat = Chat()
    #expect(chat.blackListAdd(["id1"]).codes == [0])
    let query = Chat.query.replacing("1400000000", with: "1400000001")
    #expect(chat.call("black_list_add", Self.body, query: query).codes == [0])
    #expect(chat.blackListAdd(["id1"]).codes == [30001])
  }

  @Test("keeps unusual accounts to the byte, in its answer and in its callback")
  func unusual() throws {
    let names = [#"<script>\"\\/"#, "张三", "e\u{301}", "\u{E9}", "\\u4f60\\n", "@TLS#x", "👩‍👩‍👧"]
    let answer = Chat().blackListAdd(names, from: "<\\\"id>")
    let expected = names.map { $0.replacing("\\u4f60", with: "你") }
    #expect(answer.codes.allSatisfy { $0 == 0 })
    let rows = expected.map { #"{"To_Account":"\#($0)","ResultCode":0,"ResultInfo":""}"# }.joined(separator: ",")
    #expect(
      answer.text.utf8.elementsEqual(
        #"{"ResultItem":[\#(rows)],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#.utf8))
    let pairs = expected.map { #"{"From_Account":"<\"id>","To_Account":"\#($0)"}"# }.joined(separator: ",")
    let callback = try #require(answer.callbacks.first).body
    #expect(callback == Array(#"{"CallbackCommand":"Sns.CallbackBlackListAdd","PairList":[\#(pairs)]}"#.utf8))
  }

  @Test("whose rows all fail is OK as a whole, and friend_delete does not list them again")
  func allFail() {
    let answer = Chat().call("friend_delete", Chat.pairs("id", ["id1"]))
    #expect(
      answer.text == #"{"ResultItem":[{"To_Account":"id1","ResultCode":31704,"#
        + #""ResultInfo":"Err_SNS_FriendDelete_Not_Friend"}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","#
        + #""ErrorDisplay":""}"#)
  }

  @Test("takes any app where none are given, each with what all begin with, up to a bound")
  func anyApp() {
    var begin = RelationshipGraph()
    begin.seedBlocked("a", of: "id")
    let endpoint = RESTEndpoint(
      rules: RESTRules(apps: nil, administrators: ["administrator"]), start: StartingGraphs(others: begin), maxApps: 2)
    func code(_ app: Int, _ account: String) -> Int? {
      let answer = endpoint.answer(
        RESTRequest(
          method: "POST", path: "/v4/sns/black_list_add",
          query: "sdkappid=\(app)&identifier=administrator&usersig=x&random=1&contenttype=json",
          body: Array(Chat.pairs("id", [account]).utf8), clientIP: "203.0.113.7"))
      return answer.error?.code ?? answer.codes.first
    }
    #expect([code(1, "a"), code(1, "b"), code(1, "b")] == [30001, 0, 30001])
    #expect([code(2, "a"), code(2, "b")] == [30001, 0])
    #expect(code(3, "b") == 60009)
    #expect(code(2, "c") == 0)
  }
}
