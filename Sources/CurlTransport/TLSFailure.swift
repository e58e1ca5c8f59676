import CCurl
import GatewayCore

/// Why a TLS connection could not be had, in the operator's words: what is wrong, and what to do if it is known.
struct TLSFailure {
  let code: CURLcode
  /// libcurl's own words, which hold OpenSSL's.
  let text: String
  /// What OpenSSL says about the certificate (`X509_V_…`).
  let verification: Int
  /// What the connection was to go by.
  let settings: TLSSettings?

  /// The codes of libcurl's that are about TLS and nothing else.
  static let codes: Set<UInt32> = Set(
    [
      CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED,
    ].map(\.rawValue))

  /// Whether the server itself said what was wrong. With TLS 1.3 it looks at the client's certificate after the client
  /// has done its part, so the alert comes in place of an answer.
  var isAlert: Bool { alert != nil }

  var sentence: String {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION: certificateReason
    case CURLE_SSL_CACERT_BADFILE: "the certificate authorities could not be read: \(text)"
    case CURLE_SSL_CERTPROBLEM: "the client certificate or its key cannot be used: \(text)"
    case CURLE_SSL_CONNECT_ERROR where Self.hangUps.contains(where: text.hasPrefix): "\(Self.hungUp): \(text)"
    default: alert.flatMap(reason(of:)) ?? protocolReason ?? "TLS failed: \(text)"
    }
  }

  private var certificateReason: String {
    switch verification {
    // libcurl takes the alert that the client's certificate has expired for a verdict on the server's.
    case 1 where text == "SSL certificate verification failed": reason(of: 45) ?? text
    // libcurl compares the names itself, before it asks OpenSSL for its verdict, which is then still unspecified.
    case 0, 1: "the certificate is for another host: \(text)"
    case 9: "the certificate is not yet valid; compare its dates with this machine's clock"
    case 10: "the certificate has expired; its owner must renew it"
    case 2, 18, 19, 20, 21: "the certificate is by an unknown issuer: \(text)\(issuerAdvice)"
    default: "the certificate is not trusted: \(text)"
    }
  }

  private var issuerAdvice: String {
    settings?.authorities == nil
      ? "; if its authority is a private one, give the subscriber \"tls: {ca_file: …}\""
      : "; it must be by an authority in \"ca_file\", which replaces the system's"
  }

  /// The number of the alert (RFC 8446, section 6) that the server ended the connection with.
  private var alert: Int? {
    // OpenSSL makes reasons of a peer's alerts by adding a thousand.
    reason.flatMap { (1000...1255).contains($0) ? $0 - 1000 : nil }
  }

  /// OpenSSL's reason in `error:0A00045C:SSL routines::…`, if it is one of its TLS part, number 20.
  private var reason: Int? {
    guard let start = text.firstRange(of: "error:")?.upperBound,
      let number = UInt32(text[start...].prefix { $0.isHexDigit }, radix: 16), number >> 23 == 20
    else { return nil }
    return Int(number & 0x7F_FFFF)
  }

  private var protocolReason: String? {
    switch reason {
    // SSL_R_UNSUPPORTED_PROTOCOL
    case 258: Self.tooOld
    // SSL_R_WRONG_VERSION_NUMBER: the first bytes are not TLS at all.
    case 267: "what answers there does not speak TLS; check the port, or whether the URL should be http"
    default: nil
    }
  }

  private static let tooOld = "the server speaks no version of TLS from 1.2 on; it must be brought up to date"

  /// How libcurl's words begin when the connection ended within the handshake: in OpenSSL, or before it got there.
  private static let hangUps = ["OpenSSL SSL_connect: ", "Recv failure: ", "Send failure: "]

  private static let hungUp =
    "the server broke off the TLS handshake without a word, as some do that demand a client certificate or speak no TLS "
    + "1.2"

  /// By TLS 1.3 a server looks at the client's certificate, or misses one, when the handshake is over for the client. Its
  /// alert is lost if it hangs up before the request is written.
  static let hungUpAfterHandshake =
    "the server hung up as soon as the TLS handshake was done, as some do that do not accept the client certificate or "
    + "miss one"

  private func reason(of alert: Int) -> String? {
    guard settings?.identity != nil else { return reasonWithoutIdentity(of: alert) }
    switch alert {
    case 70: return Self.tooOld
    case 44: return "the server says that the client certificate is revoked; name another in \"certificate_file\""
    case 45: return "the server says that the client certificate has expired; renew \"certificate_file\""
    case 48: return "the server does not know the authority of the client certificate; it must be told of it"
    case 40, 42, 43, 46, 49, 116: return "the server does not accept the client certificate: \(text)"
    default: return nil
    }
  }

  private func reasonWithoutIdentity(of alert: Int) -> String? {
    let advice = "\"tls: {certificate_file: …, key_file: …}\""
    switch alert {
    case 70: return Self.tooOld
    case 116: return "the server demands a client certificate; give the subscriber \(advice)"
    // Before TLS 1.3 there is no alert of its own for this, and servers take these.
    case 40, 42: return "the server broke off the handshake; if it demands a client certificate, add \(advice): \(text)"
    default: return nil
    }
  }
}
