import TencentChat

/// A callback that has passed every check but the last.
struct UnstoredCallback: Sendable {
  let read: ReadCallback
  let metrics: AppMetrics
  /// When the last byte of its body came: its deadlines count from there.
  let arrivedAt: ContinuousClock.Instant
}
