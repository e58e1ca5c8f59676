/// What orders events: those of one app with the same `partitionkey` have the same key.
///
/// A hash stands for the text. Two texts that share one are ordered as if they were the same, which is slower and never
/// wrong.
package struct OrderingKey: Hashable, Sendable, RawRepresentable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// - Parameter text: The event's `partitionkey` as UTF-8.
  package init(app: AppID, text: [UInt8]) {
    rawValue = StableHash.extend(StableHash.of("\(app)|".utf8), with: text)
  }
}
