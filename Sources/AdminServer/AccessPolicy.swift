import Foundation
import GatewayCore
import Synchronization

/// Decides whether a request may pass; for all paths but metrics and health, which need no permission.
///
/// With tokens, a bearer may do what its token allows. Without, everything is refused where the door listens beyond
/// loopback; on loopback a request must mean this machine and come from no foreign page, and one that changes
/// something must carry the admin header, which a page in a browser cannot add unasked.
final class AccessPolicy: Sendable {
  static let headerName = "X-Switchyard-Admin"
  static let headerValue = "1"

  private let tokens: AdminTokens
  /// Beyond loopback until it is known otherwise.
  private let listensOnLoopback = Atomic<Bool>(false)

  init(tokens: AdminTokens) { self.tokens = tokens }

  /// To be told once the door listens, before its first request.
  func doorListens(on address: IPAddress?) {
    listensOnLoopback.store(address?.isLoopback == true, ordering: .releasing)
  }

  func check(_ request: AccessRequest) throws(AccessRefusal) {
    if tokens.isConfigured {
      try checkBearer(request)
    } else {
      try checkLoopback(request)
    }
  }

  private func checkBearer(_ request: AccessRequest) throws(AccessRefusal) {
    guard let token = request.bearerToken else { throw .tokenMissing }
    guard let right = tokens.right(of: token) else { throw .tokenUnknown }
    guard right == .change || !request.isChange else { throw .readOnlyToken }
  }

  private func checkLoopback(_ request: AccessRequest) throws(AccessRefusal) {
    guard listensOnLoopback.load(ordering: .acquiring) else { throw .noTokenBeyondLoopback }
    if let host = request.host, Authority(host)?.isLoopback != true { throw .foreignHost }
    if let origin = request.origin, Authority(origin: origin)?.isLoopback != true { throw .foreignOrigin }
    guard !request.isChange || request.adminHeader == Self.headerValue else { throw .headerMissing }
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

  /// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
  var bearerToken: String? {
    guard let parts = authorization?.split(separator: " ", maxSplits: 1), parts.count == 2,
      parts[0].lowercased() == "bearer"
    else { return nil }
    return parts[1].trimmingCharacters(in: .whitespaces)
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
}
