import CCurl
import Foundation
import GatewayCore

/// How libcurl ended a transfer, and what that means as the outcome of an attempt.
///
/// - An answer's status decides, also when the rest of the answer fails; only a 2xx must be complete, or long enough to
///   be cut.
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
  /// libcurl's own words.
  var text = ""

  func result(of submission: Submission) -> AttemptResult {
    let duration = submission.startedAt.duration(to: .now)
    let (outcome, error) = judgement(submission, duration: duration)
    return AttemptResult(
      outcome: outcome, status: status == 0 ? nil : status, duration: duration,
      retryAfter: retryAfter > 0 ? .seconds(min(retryAfter, Self.longestWait)) : nil, error: error)
  }

  /// Nobody waits for longer, and more would overflow.
  private static let longestWait: Int64 = 365 * 86_400

  private typealias Judgement = (outcome: AttemptOutcome, error: String?)

  private func judgement(_ submission: Submission, duration: Duration) -> Judgement {
    if code == CURLE_OK || status >= 300 || seen.isBodyCut { return statusJudgement }
    if let refusal = seen.refusal, isRefused { return (.blocked, refusal) }
    if seen.isHeadTooLong {
      return (.other, "the head of the answer is longer than \(Transfer.ResponseLimit.head >> 10) KiB")
    }
    let tls = TLSFailure(
      code: code, text: text, verification: verification, settings: submission.request.endpoint.tls)
    switch code {
    case CURLE_OPERATION_TIMEDOUT: return timeoutJudgement(submission.request.endpoint, duration: duration)
    case CURLE_COULDNT_RESOLVE_HOST: return (.dns, "the name could not be resolved: \(text)")
    case CURLE_COULDNT_CONNECT: return (.connect, "could not connect: \(connectReason)")
    case CURLE_GOT_NOTHING: return (.connect, "the connection was closed before an answer came")
    case CURLE_SEND_ERROR where tls.isAlert, CURLE_RECV_ERROR where tls.isAlert: return (.tls, tls.sentence)
    case CURLE_SEND_ERROR where isUnsent && submission.request.endpoint.isEncrypted:
      return (.tls, TLSFailure.hungUpAfterHandshake)
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: return (.connect, "the connection broke: \(text)")
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

  private func timeoutJudgement(_ endpoint: Endpoint, duration: Duration) -> Judgement {
    if !seen.isConnected, endpoint.connectTimeout < endpoint.timeout, duration < endpoint.timeout {
      return (.connect, "no connection within \(endpoint.connectTimeout.text)")
    }
    return (.timeout, Self.timeoutSentence(endpoint))
  }

  static func timeoutSentence(_ endpoint: Endpoint) -> String { "no complete answer within \(endpoint.timeout.text)" }

  private var connectReason: String {
    let number = seen.socketError == 0 ? systemError : seen.socketError
    return number == 0 ? text : String(cString: strerror(number))
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
    let details = easy.errorText
    text = details.isEmpty ? String(cString: curl_easy_strerror(code)) : details
  }
}
