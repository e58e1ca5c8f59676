/// What all transfers have in common.
struct TransferSettings: Sendable {
  let userAgent: String
  /// The file with the certificate authorities that are trusted.
  let authoritiesFile: String

  init(userAgent: String, environment: [String: String]) {
    self.userAgent = userAgent
    let named = environment["SSL_CERT_FILE"] ?? ""
    authoritiesFile = named.isEmpty ? Self.systemAuthoritiesFile : named
  }

  /// Where Debian and its kin keep them.
  private static let systemAuthoritiesFile = "/etc/ssl/certs/ca-certificates.crt"
}
