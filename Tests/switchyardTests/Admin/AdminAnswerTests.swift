import Testing

@testable import switchyard

@Suite("An answer of the admin door")
struct AdminAnswerTests {
  private func answer(_ text: String) -> AdminAnswer { AdminAnswer(body: Array(text.utf8), address: .standard) }

  @Test("is passed on to the digit, on one line")
  func line() throws {
    #expect(
      try answer("{\n\t\"a\" : 12345678901234567890.10,\r\n \"b\":\"\\\"\\\\\\n x\u{9B}\"}").line()
        == "{\"a\" : 12345678901234567890.10, \"b\":\"\\\"\\\\\\n x\\u009b\"}")
  }

  @Test("that is no JSON is refused", arguments: ["", "{", "<html>", "{\"a\":1}}"])
  func garbage(text: String) {
    #expect(throws: AdminDoorError.self) { try answer(text).line() }
  }

  @Test("keeps what is not known here, of any kind")
  func values() throws {
    let value: JSONValue = try answer("{\"n\":null,\"b\":true,\"i\":9007199254740993,\"d\":0.5,\"s\":\"x\",\"a\":[{}]}")
      .read()
    #expect(try value.jsonLine() == "{\"a\":[{}],\"b\":true,\"d\":0.5,\"i\":9007199254740993,\"n\":null,\"s\":\"x\"}")
  }
}
