import CCurl
import GatewayCore

extension EasyHandle {
  /// A connection idle for longer is not used again: many servers and balancers close theirs after 60 s.
  private static let idleSecondsLimit = 45
  /// How long the parsed certificate authorities are kept: a changed file counts after this.
  private static let authoritiesSecondsLimit = 3600

  /// Sets everything that is the same for every transfer.
  func applyPolicy(_ settings: TransferSettings) {
    set(CURLOPT_POST, 1)
    set(CURLOPT_USERAGENT, settings.userAgent)
    // Timeouts by SIGALRM are not for programs with threads.
    set(CURLOPT_NOSIGNAL, 1)
    // Where a request goes is decided by the routes file alone: not by redirects, not by *_proxy in the environment.
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NOPROXY, "*")
    // By ALPN, HTTP/2 failed one transfer in twenty against nginx with this libcurl.
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_HTTP09_ALLOWED, 0)
    applyTLSPolicy(settings)
    set(CURLOPT_MAXAGE_CONN, Self.idleSecondsLimit)
    set(CURLOPT_MAXLIFETIME_CONN, Int(settings.connectionLifetime.components.seconds))
    // Should libcurl ever start a lookup of its own, the loop does not wait for it.
    set(CURLOPT_QUICK_EXIT, 1)
  }

  private func applyTLSPolicy(_ settings: TransferSettings) {
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_CAINFO, settings.authoritiesFile)
    // With a directory of authorities libcurl reads the file again for each new connection, at 28 ms each.
    set(CURLOPT_CAPATH, nil as String?)
    set(CURLOPT_CA_CACHE_TIMEOUT, Self.authoritiesSecondsLimit)
  }
  /// Sets what is the same for every transfer that goes by these settings, which must outlive the handle.
  func apply(_ tls: TLSSettings) {
    // SAFETY: libcurl keeps the pointers. An array's elements stay where they are as long as it is neither changed nor
    // freed; the settings hold these unchanged, and outlive the handle.
    tls.authorities?.withUnsafeBytes { set(CURLOPT_CAINFO_BLOB, $0) }
    guard let identity = tls.identity else { return }
    identity.certificates.withUnsafeBytes { set(CURLOPT_SSLCERT_BLOB, $0) }
    identity.key.exposed.withUnsafeBytes { set(CURLOPT_SSLKEY_BLOB, $0) }
  }
}
