import CCurl
import Foundation
import GatewayCore

/// How libcurl ended a transfer, and what that means as the outcome of an attempt.
///
/// - An answer's status decides, also when the rest of the answer fails; only a 2xx must be complete, or long enough to
///   be cut.
/// - What cannot be read as HTTP is `other`; `connect` is for connections that fail or break.
/// - Refused addresses are told apart from ones that are down.
struct TransferEnd: Sendable {
  var code: CURLcode
  /// 0 if none came.
  var status = 0
  var seen = Transfer.Observations()
  /// Seconds from now that the answer asks to wait; 0 if it does not.
  var retryAfter: Int64 = 0
  /// What OpenSSL says about the certificate (`X509_V_…`).
  var verification = 0
  var systemError: Int32 = 0
  /// A connection was made for the request, and broke before any of it was sent.
  var isUnsent = false
  /// How much of the request's body the connection took.
  var sentBytes = 0
  /// libcurl's own words.
  var text = ""

  func result(of submission: Submission) -> AttemptResult {
    let duration = submission.startedAt.duration(to: .now)
    let (outcome, error) = judgement(submission, duration: duration)
    return AttemptResult(
      outcome: outcome, status: status == 0 ? nil : status, duration: duration,
      retryAfter: retryAfter > 0 ? .seconds(min(retryAfter, Self.longestWait)) : nil, error: error,
      answer: status == 0 || (outcome == .success && seen.keptBytes == 0)
        ? nil : AttemptResult.Answer(body: seen.answer, isCut: isAnswerCut))
  }

  private var isAnswerCut: Bool { seen.isBodyCut || seen.keptBytes == 0 && seen.answer.count < seen.bodyBytes }

  /// Nobody waits for longer, and more would overflow.
  private static let longestWait: Int64 = 365 * 86_400

  private typealias Judgement = (outcome: AttemptOutcome, error: String?)

  private func judgement(_ submission: Submission, duration: Duration) -> Judgement {
    if status >= 300 || seen.isBodyCut { return statusJudgement }
    if let refusal = seen.refusal, isRefused { return (.blocked, refusal) }
    if isHeadTooLong { return (.other, headTooLongSentence) }
    let tls = TLSFailure(
      code: code, text: text, verification: verification, settings: submission.request.endpoint.tls)
    switch code {
    // For libcurl a head that ends with the connection is a whole one.
    case CURLE_OK where !seen.isHeadComplete: return (.connect, "the connection was closed in the head of the answer")
    case CURLE_OK: return statusJudgement
    case CURLE_OPERATION_TIMEDOUT: return timeoutJudgement(submission.request, duration: duration)
    case CURLE_COULDNT_RESOLVE_HOST: return (.dns, "the name could not be resolved: \(text)")
    case CURLE_COULDNT_CONNECT: return (.connect, "could not connect: \(connectReason)")
    case CURLE_GOT_NOTHING: return (.connect, "the connection was closed before an answer came")
    case CURLE_SEND_ERROR where tls.isAlert, CURLE_RECV_ERROR where tls.isAlert: return (.tls, tls.sentence)
    case CURLE_SEND_ERROR where isUnsent && submission.request.endpoint.isEncrypted:
      return (.tls, TLSFailure.hungUpAfterHandshake)
    case CURLE_RECV_ERROR where isChunkBroken: return (.other, unreadableSentence)
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: return (.connect, "the connection broke: \(text)")
    case CURLE_UNSUPPORTED_PROTOCOL: return (.other, notHTTPSentence(submission.request.endpoint))
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: return (.other, unreadableSentence)
    case let code where TLSFailure.codes.contains(code.rawValue): return (.tls, tls.sentence)
    default: return (.other, text)
    }
  }

  private var statusJudgement: Judgement {
    switch status {
    case 200..<300: (.success, nil)
    case 300..<400: (.http3xx, "the answer was \(status); redirects are not followed")
    case 400..<500: (.http4xx, "the answer was \(status)")
    case 500..<600: (.http5xx, "the answer was \(status)")
    default: (.other, "the answer had the status \(status), which has no meaning here")
    }
  }

  /// Whether the refusal of an address is what ended the transfer.
  private var isRefused: Bool {
    code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_COULDNT_CONNECT && !seen.hasDialled
  }

  private func timeoutJudgement(_ request: OutboundRequest, duration: Duration) -> Judgement {
    let endpoint = request.endpoint
    if !seen.isConnected, endpoint.connectTimeout < endpoint.timeout, duration < endpoint.timeout {
      return (.connect, "no connection within \(endpoint.connectTimeout.text)")
    }
    let isStuckSending = seen.isConnected && status == 0 && sentBytes < request.body.count
    return (
      .timeout,
      isStuckSending ? "the request was not taken within \(endpoint.timeout.text)" : Self.timeoutSentence(endpoint)
    )
  }

  static func timeoutSentence(_ endpoint: Endpoint) -> String { "no complete answer within \(endpoint.timeout.text)" }

  private var connectReason: String {
    let number = seen.socketError == 0 ? systemError : seen.socketError
    return number == 0 ? text : String(cString: strerror(number))
  }
}

// What cannot be read as an answer. libcurl has one code for some of it and for broken connections; then its words tell.
extension TransferEnd {
  /// libcurl has limits of its own, for one line and for all of a head, and meets them before it calls back.
  private var isHeadTooLong: Bool {
    seen.isHeadTooLong || code == CURLE_OUT_OF_MEMORY && seen.isConnected
      || code == CURLE_RECV_ERROR && text.hasPrefix("Too large response headers")
  }

  private var headTooLongSentence: String {
    let limit = "\(Transfer.ResponseLimit.head >> 10) KiB"
    return (100..<200).contains(status)
      ? "\(limit) of interim answers came, the last a \(status), and no final one"
      : "the head of the answer is longer than \(limit)"
  }

  private var isChunkBroken: Bool { text.hasSuffix("in chunked-encoding") }

  private var unreadableSentence: String {
    // A trailer beyond libcurl's buffer for one.
    text.hasPrefix("Out of memory")
      ? "the answer is not valid HTTP: a line behind its body is too long" : "the answer is not valid HTTP: \(text)"
  }

  private func notHTTPSentence(_ endpoint: Endpoint) -> String {
    guard text.hasPrefix("Received HTTP/0.9") else { return "the answer is not HTTP/1: \(text)" }
    return endpoint.isEncrypted
      ? "the answer is not HTTP" : "the answer is not HTTP; if the port speaks TLS, the URL must begin with https://"
  }
}

extension TransferEnd {
  init(code: CURLcode, easy: borrowing EasyHandle, seen: Transfer.Observations) {
    self.init(code: code, status: easy.number(CURLINFO_RESPONSE_CODE), seen: seen)
    // Both forms of it: seconds, and a date.
    if status >= 400 { retryAfter = easy.offset(CURLINFO_RETRY_AFTER) }
    guard code != CURLE_OK else { return }
    verification = easy.number(CURLINFO_SSL_VERIFYRESULT)
    systemError = Int32(truncatingIfNeeded: easy.number(CURLINFO_OS_ERRNO))
    isUnsent = easy.number(CURLINFO_REQUEST_SIZE) == 0 && easy.number(CURLINFO_NUM_CONNECTS) > 0
    sentBytes = Int(easy.offset(CURLINFO_SIZE_UPLOAD_T))
    let details = easy.errorText
    text = details.isEmpty ? String(cString: curl_easy_strerror(code)) : details
  }
}
