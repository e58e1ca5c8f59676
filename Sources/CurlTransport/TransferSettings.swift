/// What all transfers have in common.
struct TransferSettings: Sendable {
  let userAgent: String
  /// The file with the certificate authorities that are trusted.
  let authoritiesFile: String
  /// A connection this old is not used again, so that a name's new addresses come into use.
  let connectionLifetime: Duration

  init(userAgent: String, connectionLifetime: Duration, environment: [String: String]) {
    self.userAgent = userAgent
    self.connectionLifetime = connectionLifetime
    let named = environment["SSL_CERT_FILE"] ?? ""
    authoritiesFile = named.isEmpty ? Self.systemAuthoritiesFile : named
  }

  /// Where Debian and its kin keep them.
  private static let systemAuthoritiesFile = "/etc/ssl/certs/ca-certificates.crt"
}
