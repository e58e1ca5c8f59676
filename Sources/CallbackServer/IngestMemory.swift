import Synchronization

/// The memory that all bodies and waiting appends share: a callback reserves what it holds and gives it back once it is
/// answered.
///
/// Bytes are reserved as they arrive, not as they are announced: what nobody has sent cannot keep others out.
package final class IngestMemory: Sendable {
  private let capacity: Int
  private let reserved = Atomic<Int>(0)

  package init(capacity: Int) { self.capacity = capacity }

  /// False, with nothing reserved, when that is more than is left.
  package func reserve(_ count: Int) -> Bool {
    let total = reserved.add(count, ordering: .relaxed).newValue
    guard total > capacity else { return true }
    release(count)
    return false
  }

  package func release(_ count: Int) { reserved.subtract(count, ordering: .relaxed) }

  /// What is reserved now, in bytes.
  package var used: Int { reserved.load(ordering: .relaxed) }
}
