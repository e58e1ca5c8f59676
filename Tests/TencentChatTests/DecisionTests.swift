import GatewayCore
import TencentChat
import Testing

/// What is answered to Tencent's questions, and what of it the events have.
@Suite struct DecisionTests {
  @Test("The answer stands in the event as it was given, to the byte")
  func event() throws {
    let answer = #"{ "ErrorCode" : 0, "MsgBody":[{"n":18446744073709551617}] }"#
    let read = try Fixture.read("C2C.CallbackBeforeSendMsg", #"{"From_Account":"a","To_Account":"b"}"#)
    let answered = read.answered(Array(answer.utf8))
    #expect(answered.reply == Array(answer.utf8))
    #expect(answered.question == nil)
    let event = try Fixture.bodies(try #require(answered.batch))[0]
    #expect(event.contains(#""callback":{"From_Account":"a","To_Account":"b"},"decision":\#(answer),"batch":{"#))
  }

  @Test("What is decided changes neither the id nor the key of repeats")
  func identity() throws {
    let read = try Fixture.read("C2C.CallbackBeforeSendMsg", "{}")
    let answered = read.answered(Array(#"{"ErrorCode":1}"#.utf8))
    #expect(read.batch == nil)
    #expect(answered.batch?.id == read.question?.id)
    #expect(answered.batch?.duplicateKey == read.answered([]).batch?.duplicateKey)
    #expect(answered.batch?.duplicateKey != nil)
  }

  private func refusal(_ body: String, status: Int? = 200, isCut: Bool = false) -> String? {
    DeciderAnswer.refusal(of: AttemptResult.Answer(body: Array(body.utf8), isCut: isCut), status: status)
  }

  @Test(
    "A 200 with an object that has one whole number for ErrorCode is passed on",
    arguments: [
      #"{"ErrorCode":0}"#, #" {"ErrorCode":-1,"x":[1]} "#,
      #"{"ActionStatus":"FAIL","ErrorCode":120001,"ErrorInfo":"a"}"#,
      #"{"Error\u0043ode":2}"#,
    ])
  func good(body: String) { #expect(refusal(body) == nil) }

  @Test(
    "All else is not",
    arguments: [
      "", "{}", "[]", "0", #"{"ErrorCode":"0"}"#, #"{"ErrorCode":0.0}"#, #"{"ErrorCode":1e3}"#, #"{"ErrorCode":null}"#,
      #"{"ErrorCode":0,"ErrorCode":0}"#, #"{"errorcode":0}"#, #"{"ErrorCode":0}x"#, #"{"ErrorCode":0"#,
      "{\"ErrorCode\":0,\"a\":\"\u{1}\"}",
    ])
  func bad(body: String) { #expect(refusal(body) != nil) }

  @Test("Nor is an answer that is cut, or has another status")
  func cut() {
    #expect(refusal(#"{"ErrorCode":0}"#, isCut: true) != nil)
    for status in [201, 204, 500, nil] { #expect(refusal(#"{"ErrorCode":0}"#, status: status) != nil) }
    #expect(DeciderAnswer.refusal(of: nil, status: 200) != nil)
  }
}
