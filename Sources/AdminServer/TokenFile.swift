import Foundation
import GatewayCore
import Logging
import Synchronization

/// A token that stands in a file, read again when the file changes.
///
/// Whether it changed is looked up when the token is used, at most once a second. While the file is missing, empty or
/// unreadable there is no token; that is logged once for each change of the file.
final class TokenFile: Sendable {
  static let checkInterval: Duration = .seconds(1)
  static let maximumBytes = 4096

  private struct State {
    var checkedAt: ContinuousClock.Instant?
    /// Nil before the first look.
    var seen: FileIdentity??
    var tokenDigest: [UInt8]?
  }

  private let path: String
  private let digest: any Digest
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  init(path: String, digest: any Digest, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.path = path
    self.digest = digest
    self.logger = logger
    self.now = now
    refresh()
  }

  /// SHA-256 of the token; nil while there is none.
  var tokenDigest: [UInt8]? {
    refresh()
    return state.withLock { $0.tokenDigest }
  }

  private func refresh() {
    let moment = now()
    let isDue = state.withLock { state in
      if let checkedAt = state.checkedAt, moment - checkedAt < Self.checkInterval { return false }
      state.checkedAt = moment
      return true
    }
    guard isDue else { return }
    // Looked up before reading: a change in between is then seen next time.
    let identity = FileIdentity(path: path)
    guard state.withLock({ $0.seen != .some(identity) }) else { return }
    let token = read()
    state.withLock { state in
      state.seen = .some(identity)
      state.tokenDigest = token
    }
  }

  private func read() -> [UInt8]? {
    // Opening a pipe would wait for its writer.
    guard !isSpecial else { return refuse("it is not a regular file") }
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      let bytes = try file.read(upToCount: Self.maximumBytes + 1) ?? Data()
      guard let text = String(validating: bytes, as: UTF8.self) else { return refuse("it is not UTF-8") }
      let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard bytes.count <= Self.maximumBytes else { return refuse("it is larger than \(Self.maximumBytes) bytes") }
      guard !token.isEmpty else { return refuse("it is empty") }
      logger.debug("admin token file read", metadata: ["file": "\(path)"])
      return digest.sha256([Array(token.utf8)])
    } catch {
      return refuse("it cannot be read")
    }
  }

  private var isSpecial: Bool {
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
    return type.map { $0 != .typeRegular } ?? false
  }

  private func refuse(_ reason: String) -> [UInt8]? {
    logger.error("admin token file unusable", metadata: ["file": "\(path)", "reason": "\(reason)"])
    return nil
  }
}
