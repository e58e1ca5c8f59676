import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite("A callback that is sent on")
struct CallbackForwarderTests {
  private let forwarder = CallbackForwarder(digest: OpenSSLDigest())

  private func query(_ query: String, token: String?) -> String {
    forwarder.query(query, token: token.map(Secret.init), now: Timestamp(milliseconds: 1_669_872_112_999))
  }

  @Test("is signed by Tencent's own vector, behind all else")
  func vector() {
    let sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
    #expect(query("b=%2b&a=&b=+&&é", token: "xxxxyyyy") == "b=%2b&a=&b=+&&é&RequestTime=1669872112&Sign=\(sign)")
    #expect(query("", token: "xxxxyyyy") == "RequestTime=1669872112&Sign=\(sign)")
  }

  @Test("has the query that it came with where there is no token", arguments: ["", "b=1&a=2"])
  func withoutToken(text: String) { #expect(query(text, token: nil) == text) }

  @Test("passes the check of a gateway with the same token, and no other")
  func verified() {
    let sent = CallbackQuery(query("SdkAppid=1", token: "one"))
    let now = Timestamp(seconds: 1_669_872_112)
    func verdict(_ tokens: [String]) -> SignatureVerdict {
      SignatureVerifier(digest: OpenSSLDigest())
        .verify(sent, app: AppConfiguration(id: AppID(rawValue: 1), tokens: tokens.map(Secret.init)), now: now)
    }
    #expect(verdict(["two", "one"]) == .valid)
    #expect(verdict(["two"]) == .bad)
    #expect(sent.withoutCredentials == "SdkAppid=1")
  }

  private func refusal(_ body: String, status: Int = 200, isCut: Bool = false) -> String? {
    forwarder.refusal(in: AttemptResult.Answer(body: Array(body.utf8), isCut: isCut), status: status)
  }

  @Test(
    "is taken by 200 with any JSON text",
    arguments: [
      #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#, #"{"ActionStatus":"FAIL","ErrorCode":1}"#, " {}\r\n",
      "[]",
      "0", "\"\"", "null", String(repeating: "[", count: 80) + String(repeating: "]", count: 80),
    ])
  func taken(body: String) { #expect(refusal(body) == nil) }

  @Test("is not taken by another 2xx", arguments: [201, 202, 204, 206])
  func otherStatus(status: Int) {
    #expect(
      refusal("{}", status: status) == "the answer was \(status); only 200 with a JSON body takes a whole callback")
  }

  @Test("is not taken by a body that is not JSON, of which the reason holds nothing")
  func notJSON() {
    #expect(refusal("") == "the answer has no body; only 200 with a JSON body takes a whole callback")
    #expect(refusal("OK") == "the answer's body is not JSON: it has an unexpected byte at offset 0")
    #expect(refusal("{} x") == "the answer's body is not JSON: it has an unexpected byte at offset 3")
    #expect(refusal(#"{"a":"#) == "the answer's body is not JSON: it has an unexpected end at offset 5")
    #expect(refusal("\u{FEFF}{}") != nil)
    #expect(refusal(" ") != nil)
  }

  @Test("is taken by the beginning of a JSON text where the answer is cut there, and by no other")
  func cut() {
    #expect(refusal(#"{"a":"xxx"#, isCut: true) == nil)
    #expect(refusal("[1,2", isCut: true) == nil)
    #expect(refusal("<html><body>", isCut: true) != nil)
    #expect(refusal(#"{"a" "#, isCut: false) != nil)
  }
}
