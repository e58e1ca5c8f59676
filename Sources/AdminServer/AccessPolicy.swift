import Foundation
import GatewayCore
import Synchronization

/// Decides whether a request may pass; for all paths but metrics and health, which need no permission.
///
/// With tokens, a bearer may do what its token allows, and so may a browser that has signed in with one, from a page of
/// this door. Without, everything is refused where the door listens beyond loopback; on loopback a request must mean
/// this machine and come from no foreign page. Where no token is sent, a request that changes something must carry the
/// admin header, which a page of another origin cannot add unasked.
final class AccessPolicy: Sendable {
  static let headerName = "X-Switchyard-Admin"
  static let headerValue = "1"

  private let tokens: AdminTokens
  private let sessions: AdminSessions
  /// Beyond loopback until it is known otherwise.
  private let listensOnLoopback = Atomic<Bool>(false)

  init(tokens: AdminTokens, sessions: AdminSessions) {
    self.tokens = tokens
    self.sessions = sessions
  }

  /// Whether there is anything to sign in with.
  var hasTokens: Bool { tokens.isConfigured }

  /// To be told once the door listens, before its first request.
  func doorListens(on address: IPAddress?) {
    listensOnLoopback.store(address?.isLoopback == true, ordering: .releasing)
  }

  /// What the asker may do besides, of what was asked for now.
  @discardableResult
  func check(_ request: AccessRequest) throws(AccessRefusal) -> AccessRight {
    try checkPlace(request)
    return tokens.isConfigured ? try checkHolder(request, isUse: true) : try checkUnasked(request)
  }

  /// Whether the same request would pass again. Asking is no use of a session.
  func stillAllows(_ request: AccessRequest) -> Bool {
    !tokens.isConfigured || (try? checkHolder(request, isUse: false)) != nil
  }

  /// Whether anybody may pass: where this throws, no token would help.
  func checkPlace(_ request: AccessRequest) throws(AccessRefusal) {
    guard !tokens.isConfigured else { return }
    guard listensOnLoopback.load(ordering: .acquiring) else { throw .noTokenBeyondLoopback }
    if let host = request.host, Authority(host)?.isLoopback != true { throw .foreignHost }
    if let origin = request.origin, Authority(origin: origin)?.isLoopback != true { throw .foreignOrigin }
  }

  private func checkUnasked(_ request: AccessRequest) throws(AccessRefusal) -> AccessRight {
    guard !request.isChange || request.adminHeader == Self.headerValue else { throw .headerMissing }
    return .change
  }

  private func checkHolder(_ request: AccessRequest, isUse: Bool) throws(AccessRefusal) -> AccessRight {
    let right: AccessRight
    if request.authorization == nil, let key = request.sessionKey {
      right = try checkSession(request, key, isUse: isUse)
    } else {
      guard let token = request.bearerToken else { throw .tokenMissing }
      guard let known = tokens.right(of: token) else { throw .tokenUnknown }
      right = known
    }
    guard right == .change || !request.isChange else { throw .readOnlyToken }
    return right
  }

  private func checkSession(
    _ request: AccessRequest, _ key: String, isUse: Bool
  ) throws(AccessRefusal) -> AccessRight {
    guard request.isOfOwnPage else { throw .foreignSession }
    guard let right = sessions.right(of: key, isUse: isUse) else { throw .sessionOver }
    guard !request.isChange || request.adminHeader == Self.headerValue else { throw .headerMissing }
    return right
  }
}

/// What of a request decides whether it may pass.
struct AccessRequest: Hashable, Sendable {
  /// Anything but GET and HEAD.
  var isChange: Bool
  var host: String?
  var origin: String?
  var authorization: String?
  /// The value of `X-Switchyard-Admin`.
  var adminHeader: String?
  /// What the session's cookie holds.
  var sessionKey: String?

  /// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
  var bearerToken: String? {
    guard let parts = authorization?.split(separator: " ", maxSplits: 1), parts.count == 2,
      parts[0].lowercased() == "bearer"
    else { return nil }
    return parts[1].trimmingCharacters(in: .whitespaces)
  }

  /// Whether it comes from a page of the very host and port that it goes to, as far as it says where it comes from.
  var isOfOwnPage: Bool {
    guard let origin = origin?.lowercased() else { return true }
    guard let host = host?.lowercased() else { return false }
    return origin == "http://\(host)" || origin == "https://\(host)"
  }
}

/// Why a request may not pass.
enum AccessRefusal: Error, Hashable, Sendable, CaseIterable {
  case noTokenBeyondLoopback
  case foreignHost
  case foreignOrigin
  case headerMissing
  case tokenMissing
  case tokenUnknown
  case readOnlyToken
  case foreignSession
  case sessionOver
}
