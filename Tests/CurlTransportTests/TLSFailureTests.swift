import CCurl
import GatewayCore
import Testing

@testable import CurlTransport

@Suite struct TLSFailureTests {
  private func failure(_ text: String, code: CURLcode = CURLE_SSL_CONNECT_ERROR) -> TLSFailure {
    TLSFailure(code: code, text: text, verification: 0, settings: nil)
  }

  @Test("a port that does not speak TLS is told as that")
  func notTLS() {
    let failure = failure("error:0A00010B:SSL routines::wrong version number")
    #expect(
      failure.sentence
        == "what answers there does not speak TLS; check the port, or whether the URL should be http")
    #expect(!failure.isAlert)
  }

  @Test("a server that chooses an old version is told as that, like one that refuses ours")
  func oldVersion() {
    let chosen = failure("error:0A000102:SSL routines::unsupported protocol")
    let refused = failure("error:0A00042E:SSL routines::tlsv1 alert protocol version")
    #expect(chosen.sentence == refused.sentence && chosen.sentence.contains("no version of TLS from 1.2 on"))
    #expect(refused.isAlert && !chosen.isAlert)
  }

  @Test("only OpenSSL's own errors of TLS are alerts", arguments: ["error:", "error:0B00045C:x", "reset", ""])
  func noAlert(text: String) {
    #expect(!failure(text, code: CURLE_RECV_ERROR).isAlert)
  }

  @Test("what is not known is told in libcurl's words")
  func unknown() {
    #expect(failure("error:0A000001:SSL routines::x").sentence == "TLS failed: error:0A000001:SSL routines::x")
    #expect(
      failure("no key", code: CURLE_SSL_CERTPROBLEM).sentence
        == "the client certificate or its key cannot be used: no key")
  }

  @Test("a server that breaks off the handshake without an alert is told as that")
  func hungUp() {
    let failure = failure("OpenSSL SSL_connect: Connection reset by peer in connection to a.test:443 ")
    #expect(failure.sentence.hasPrefix("the server broke off the TLS handshake without a word, "))
  }

  @Test(
    "only a new https connection that breaks before any of the request is sent is a tls failure",
    arguments: [
      ("https://a.test", true, AttemptOutcome.tls), ("HTTPS://a.test", true, .tls), ("https://a.test", false, .connect),
      ("http://a.test", true, .connect),
    ])
  func afterHandshake(url: String, isUnsent: Bool, expected: AttemptOutcome) {
    let endpoint = Endpoint(
      url: url, timeout: .seconds(10), connectTimeout: .seconds(3), privateAddresses: .allow)
    let submission = Submission(
      request: OutboundRequest(endpoint: endpoint, headers: [], body: []), authority: nil, startedAt: .now
    ) { _ in }
    let end = TransferEnd(code: CURLE_SEND_ERROR, isUnsent: isUnsent, text: "Send failure: Broken pipe")
    #expect(end.result(of: submission).outcome == expected)
  }
}
