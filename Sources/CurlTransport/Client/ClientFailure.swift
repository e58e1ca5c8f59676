import CCurl
import Foundation

/// Why a request got no answer, or not all of one. The texts are ends of sentences, and hold no header and no body.
package enum ClientFailure: Error, Hashable, Sendable {
  /// The URL or a header cannot be used.
  case unusable(String)
  /// Nobody answers there: no such name, nobody listens, or the way is blocked.
  case unreachable(String)
  /// The server's certificate or its TLS will not do.
  case tls(String)
  case timeout
  /// The answer broke off, or is no HTTP.
  case broken(String)
  /// The answer is longer than this many bytes.
  case tooLong(Int)
  case cancelled

  init(code: CURLcode, easy: borrowing EasyHandle, isConnected: Bool) {
    let details = easy.errorText
    let text = details.isEmpty ? String(cString: curl_easy_strerror(code)) : details
    let systemError = Int32(truncatingIfNeeded: easy.number(CURLINFO_OS_ERRNO))
    switch code {
    case CURLE_URL_MALFORMAT: self = .unusable(text)
    case CURLE_UNSUPPORTED_PROTOCOL where !isConnected: self = .unusable(text)
    case CURLE_COULDNT_RESOLVE_HOST: self = .unreachable(text)
    case CURLE_COULDNT_CONNECT:
      self = .unreachable(systemError == 0 ? text : String(cString: strerror(systemError)))
    case CURLE_OPERATION_TIMEDOUT where !isConnected: self = .unreachable("no connection came about in time")
    case CURLE_OPERATION_TIMEDOUT: self = .timeout
    case CURLE_GOT_NOTHING: self = .broken("the connection was closed before an answer came")
    case let code where TLSFailure.codes.contains(code.rawValue): self = .tls(text)
    default: self = .broken(text)
    }
  }
}
