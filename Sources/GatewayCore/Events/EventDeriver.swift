/// Cuts the events of a stored batch out of its payload, the same way each time.
package protocol EventDeriver: Sendable {
  /// Reads a batch once; its events can then be had one by one.
  ///
  /// - Throws: `DerivationError` when the payload or the derivation cannot be read: the batch is damaged, or was
  ///   written by a newer version.
  func derive(_ batch: StoredBatch) throws(DerivationError) -> any DerivedBatch
}

/// A batch that has been read, shared by all subscribers that its events go to.
package protocol DerivedBatch: Sendable {
  var id: BatchID { get }
  var first: SequenceNumber { get }
  var eventCount: Int { get }
  var kind: EventKind { get }
  var receivedAt: Timestamp { get }
  /// The callback as it came.
  var record: CallbackRecord { get }
  /// What Tencent calls the request; nil if it did not say.
  var requestID: String? { get }
  /// Bytes it keeps in memory.
  var size: Int { get }
  /// The event at an index from 0 as CloudEvents JSON: the very same bytes each time.
  func body(at index: Int) -> [UInt8]
  /// The `partitionkey` of the event at an index as UTF-8, without JSON's escapes; nil if it has none.
  func orderingKey(at index: Int) -> [UInt8]?
  /// The `time` of the event at an index, as it stands in the event.
  func time(at index: Int) -> String
  /// What the event at an index has in a field, as UTF-8 without JSON's escapes; nil if it has no such field.
  func text(of field: EventMatch.Field, at index: Int) -> [UInt8]?
}

extension DerivedBatch {
  /// The callback's own `traceparent` header, if it had one.
  package var traceparent: String? { record.traceparent }
}

/// A stored batch cannot be cut into its events.
package struct DerivationError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
