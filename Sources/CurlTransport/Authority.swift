import CCurl
import GatewayCore

/// Whom a URL names: host and port, as libcurl itself reads them.
struct Authority: Hashable, Sendable {
  /// In lower case, decoded and in ASCII; IPv6 addresses without brackets.
  let host: String
  let port: Int
  /// Whether the host is an IP address, which needs no lookup.
  let isAddress: Bool

  /// Nil unless it is an absolute http or https URL with a host.
  ///
  /// libcurl's own parser reads it, so that what is looked up here is what libcurl dials.
  init?(url: String) {
    let parser = URLParser()
    guard parser.read(url), let scheme = parser.part(CURLUPART_SCHEME),
      ["http", "https"].contains(scheme.lowercased()),
      let host = parser.part(CURLUPART_HOST, flags: CURLU_PUNYCODE), !host.isEmpty,
      let port = parser.part(CURLUPART_PORT, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) })
    else { return nil }
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    self.host = bare.lowercased()
    self.port = port
    isAddress = IPAddress(bare) != nil || host.hasPrefix("[")
  }

  /// `host:port`, with brackets around an IPv6 address.
  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Owns one URL in libcurl's parser.
private struct URLParser: ~Copyable {
  private let url: OpaquePointer

  init() {
    guard let url = curl_url() else { preconditionFailure("libcurl is out of memory") }
    self.url = url
  }

  deinit { curl_url_cleanup(url) }

  func read(_ text: String) -> Bool { curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK }

  func part(_ part: CURLUPart, flags: Int32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
