import GatewayCore
import Synchronization

/// How far trimming has looked: every batch below it that is still there was needed then.
///
/// Whoever makes an exception go away lowers it to that exception, so that trimming looks there again. It is in memory
/// only: after a start trimming looks at everything once more. Moved on the writing connection alone.
final class TrimFrontier: Sendable {
  private let position = Atomic<Int64>(SequenceNumber.first.rawValue)

  var current: SequenceNumber { SequenceNumber(rawValue: position.load(ordering: .relaxed)) }

  func move(to position: SequenceNumber) { self.position.store(position.rawValue, ordering: .relaxed) }

  func lower(to freed: SequenceNumber?) {
    if let freed, freed < current { move(to: freed) }
  }
}
