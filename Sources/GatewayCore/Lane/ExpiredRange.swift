/// The range that a lane has given up last, which the next piece is joined with if it follows soon.
package struct ExpiredRange: Hashable, Sendable {
  enum Limit {
    /// Older than this, the row may have been deleted: it stands as it is.
    static let pause = Duration.seconds(60)
    /// What is given up over a longer time is several ranges, so that each tells when.
    static let span = Duration.seconds(3600)
  }

  package private(set) var range: DeliveryException
  private let begunAt: Timestamp

  init(_ range: DeliveryException, now: Timestamp) {
    self.range = range
    begunAt = now
  }

  /// Both as one; nil if a gap is between them, in numbers or in time, or the reason is another.
  func joined(with piece: DeliveryException, now: Timestamp) -> ExpiredRange? {
    guard piece.first <= range.last + 1, piece.lastError == range.lastError, now - begunAt < Limit.span,
      let endedAt = range.endedAt, now - endedAt < Limit.pause
    else { return nil }
    var joined = self
    joined.range.first = min(range.first, piece.first)
    joined.range.last = max(range.last, piece.last)
    joined.range.eventCount += piece.eventCount
    joined.range.acceptedAt = min(range.acceptedAt, piece.acceptedAt)
    joined.range.endedAt = piece.endedAt
    return joined
  }
}
