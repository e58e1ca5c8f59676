import GatewayCore
import Synchronization

/// Who has signed in with a browser: it shows a cookie in a token's stead.
///
/// A session may do what the token may that it came from, and dies with it: when the token is rotated, when it was not
/// used for `idleTime`, when somebody signs out, and with the process. Keys are random, and only their digests are kept.
final class AdminSessions: Sendable {
  static let idleTime: Duration = .seconds(12 * 3600)
  /// Of all sessions. One more takes the place of the one that was used least recently.
  static let maximum = 256
  /// After this many wrong tokens within `refusalPeriod` no token is looked at until it is over.
  static let refusals = 5
  static let refusalPeriod: Duration = .seconds(5)
  /// 256 bits.
  private static let keyWords = 4

  enum SignIn: Hashable, Sendable {
    case opened(key: String, AccessRight)
    case wrongToken
    case tooMany
  }

  private struct Session {
    let tokenDigest: [UInt8]
    var usedAt: ContinuousClock.Instant
  }

  private struct State {
    var sessions: [[UInt8]: Session] = [:]
    /// When a token was refused of late; as many as `refusals`.
    var refusedAt: [ContinuousClock.Instant] = []
  }

  private let tokens: AdminTokens
  private let digest: any Digest
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  init(
    tokens: AdminTokens, digest: any Digest, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.tokens = tokens
    self.digest = digest
    self.now = now
  }

  var count: Int { state.withLock { $0.sessions.count } }

  func signIn(token: String) -> SignIn {
    let moment = now()
    guard mayTry(moment) else { return .tooMany }
    let tokenDigest = tokens.digest(of: token)
    guard let right = tokens.right(ofDigest: tokenDigest) else {
      state.withLock { $0.refusedAt.append(moment) }
      return .wrongToken
    }
    var random = SystemRandomNumberGenerator()
    let key = (0..<Self.keyWords).map { _ in Hex.text(random.next()) }.joined()
    let keyDigest = digest.sha256([Array(key.utf8)])
    state.withLock { state in
      Self.dropIdle(&state, moment)
      if state.sessions.count >= Self.maximum,
        let oldest = state.sessions.min(by: { $0.value.usedAt < $1.value.usedAt })?.key
      {
        state.sessions[oldest] = nil
      }
      state.sessions[keyDigest] = Session(tokenDigest: tokenDigest, usedAt: moment)
    }
    return .opened(key: key, right)
  }

  /// What the holder of a key may do; nil if there is no such session any more.
  ///
  /// - Parameter isUse: Whether somebody does something now, which keeps the session from ending.
  func right(of key: String, isUse: Bool) -> AccessRight? {
    let keyDigest = digest.sha256([Array(key.utf8)])
    let moment = now()
    let tokenDigest = state.withLock { state in
      Self.dropIdle(&state, moment)
      if isUse { state.sessions[keyDigest]?.usedAt = moment }
      return state.sessions[keyDigest]?.tokenDigest
    }
    guard let tokenDigest else { return nil }
    // Not under the lock: the token may stand in a file.
    if let right = tokens.right(ofDigest: tokenDigest) { return right }
    state.withLock { $0.sessions[keyDigest] = nil }
    return nil
  }

  func signOut(key: String) {
    let keyDigest = digest.sha256([Array(key.utf8)])
    state.withLock { $0.sessions[keyDigest] = nil }
  }

  private func mayTry(_ moment: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      state.refusedAt.removeAll { moment - $0 >= Self.refusalPeriod }
      return state.refusedAt.count < Self.refusals
    }
  }

  private static func dropIdle(_ state: inout State, _ moment: ContinuousClock.Instant) {
    for (key, session) in state.sessions where moment - session.usedAt >= idleTime { state.sessions[key] = nil }
  }
}
