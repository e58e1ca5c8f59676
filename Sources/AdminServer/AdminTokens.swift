import GatewayCore
import Logging

/// What a request over the admin door may do.
enum AccessRight: Hashable, Sendable {
  case read
  case change
}

/// Knows the bearer tokens and what each may do.
///
/// Digests are compared, in constant time and always with both tokens, so that an answer's time tells nothing of a
/// token, not even its length.
final class AdminTokens: Sendable {
  /// Whether any token was set up, usable or not.
  let isConfigured: Bool

  private let admin: Holder?
  private let read: Holder?
  private let digest: any Digest

  init(
    _ sources: AdminTokenSources, digest: any Digest, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    isConfigured = sources.admin != nil || sources.read != nil
    self.digest = digest
    func holder(_ source: AdminTokenSources.Source) -> Holder {
      switch source {
      case .value(let token): .value(digest.sha256([Array(token.exposed.utf8)]))
      case .file(let path): .file(TokenFile(path: path, digest: digest, logger: logger, now: now))
      }
    }
    admin = sources.admin.map(holder)
    read = sources.read.map(holder)
  }

  /// What the bearer of a token may do; nil if it is none of ours.
  func right(of token: String) -> AccessRight? { right(ofDigest: digest(of: token)) }

  func digest(of token: String) -> [UInt8] { digest.sha256([Array(token.utf8)]) }

  /// The same by a token's digest.
  func right(ofDigest offered: [UInt8]) -> AccessRight? {
    let isAdmin = matches(admin, offered)
    let isRead = matches(read, offered)
    return isAdmin ? .change : isRead ? .read : nil
  }

  private func matches(_ holder: Holder?, _ offered: [UInt8]) -> Bool {
    guard let known = holder?.tokenDigest else { return false }
    return digest.constantTimeEqual(known, offered)
  }

  private enum Holder: Sendable {
    case value([UInt8])
    case file(TokenFile)

    /// Nil while there is no usable token.
    var tokenDigest: [UInt8]? {
      switch self {
      case .value(let tokenDigest): tokenDigest
      case .file(let file): file.tokenDigest
      }
    }
  }
}
