import Foundation
import TencentChat
import Testing

@Suite struct CallbackReplyTests {
  @Test("OK is what Tencent documents, to the byte")
  func ok() {
    #expect(String(decoding: CallbackReply.ok, as: UTF8.self) == #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#)
  }

  @Test("A failure carries its sentence, escaped")
  func fail() throws {
    let reply = CallbackReply.fail("No \"x\" \\ here.\n\u{1}")
    #expect(
      String(decoding: reply, as: UTF8.self)
        == #"{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"No \"x\" \\ here.\n\u0001"}"#)
    let parsed = try #require(try JSONSerialization.jsonObject(with: Data(reply)) as? [String: Any])
    #expect(parsed["ErrorInfo"] as? String == "No \"x\" \\ here.\n\u{1}")
  }
}
