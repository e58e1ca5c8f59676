/// What one request to a subscriber carries: the values of `format`.
package enum DeliveryForm: String, Hashable, Sendable, CaseIterable {
  /// One event.
  case event
  /// Several events as a JSON array.
  case batch
  /// A callback as Tencent sent it.
  case original
}
