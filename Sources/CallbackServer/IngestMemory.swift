import Synchronization

/// Memory that all connections share, such as that of all bodies and waiting appends: a callback reserves what it holds
/// and gives it back once it is answered.
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

/// What one connection holds of such memory.
struct MemoryReservation {
  private let memory: IngestMemory
  private var size = 0

  init(of memory: IngestMemory) { self.memory = memory }

  /// False, with nothing changed, when that is more than is left.
  mutating func grow(by count: Int) -> Bool {
    guard memory.reserve(count) else { return false }
    size += count
    return true
  }

  mutating func release() {
    guard size > 0 else { return }
    memory.release(size)
    size = 0
  }
}
