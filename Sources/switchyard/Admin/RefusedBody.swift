import Synchronization

/// The beginning of an answer that is no stream.
final class RefusedBody: Sendable {
  private static let limit = 1 << 20
  private let state = Mutex<[UInt8]>([])

  var bytes: [UInt8] { state.withLock { $0 } }

  /// False when it has enough.
  func append(_ piece: [UInt8]) -> Bool {
    state.withLock { bytes in
      bytes.append(contentsOf: piece.prefix(Self.limit - bytes.count))
      return bytes.count < Self.limit
    }
  }
}
