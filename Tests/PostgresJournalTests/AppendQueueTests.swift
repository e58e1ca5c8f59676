import GatewayCore
import Testing

@testable import PostgresJournal

@Suite("The append queue")
struct AppendQueueTests {
  private typealias Queue = AppendQueue<Int>

  private let start = ContinuousClock.now

  private func pending(_ waiter: Int, after: Duration = .seconds(1), bytes: Int = 10) -> Queue.Pending {
    Queue.Pending(batch: .sample(bytes: bytes), checksum: 0, deadline: start + after, waiter: waiter)
  }

  @Test("wakes an idle writer once, and asks for a sweep only where none comes early enough")
  func admission() {
    var queue = Queue()
    #expect(queue.append(pending(0)) == .waits(wakesWriter: true, sweepAt: start + .seconds(1)))
    #expect(queue.append(pending(1, after: .seconds(2))) == .waits(wakesWriter: false, sweepAt: nil))
    let sooner = Duration.milliseconds(500)
    #expect(queue.append(pending(2, after: sooner)) == .waits(wakesWriter: false, sweepAt: start + sooner))
    queue.close()
    #expect(queue.append(pending(3)) == .closed)
  }

  @Test("gives out groups in order, within their bounds, and leaves what is overdue to the sweep")
  func groups() {
    var queue = Queue()
    _ = queue.append(pending(0, after: .zero))
    _ = queue.append(pending(1, bytes: Queue.maximumBytes))
    _ = queue.append(pending(2))
    #expect(queue.takeGroup(at: start).map(\.waiter) == [1])
    #expect(queue.finishGroup() == [1])
    #expect(queue.takeGroup(at: start).map(\.waiter) == [2])
    #expect(queue.finishGroup() == [2])
    #expect(queue.takeGroup(at: start).isEmpty)
    #expect(queue.sweep(armedFor: start, at: start).overdue == [0])
  }

  @Test("tries again what somebody still waits for, before all else")
  func retry() {
    var queue = Queue()
    _ = queue.append(pending(0, after: .milliseconds(5)))
    _ = queue.append(pending(1))
    _ = queue.takeGroup(at: start)
    _ = queue.append(pending(2))
    let swept = queue.sweep(armedFor: start + .milliseconds(5), at: start + .milliseconds(6))
    #expect(swept.overdue == [0])
    #expect(swept.next == start + .seconds(1))
    queue.retryGroup()
    #expect(queue.takeGroup(at: start + .milliseconds(6)).map(\.waiter) == [1, 2])
    #expect(queue.finishGroup() == [1, 2])
  }

  @Test("tells nobody twice who has been told that it is overdue")
  func overdue() {
    var queue = Queue()
    _ = queue.append(pending(0, after: .milliseconds(5)))
    _ = queue.append(pending(1))
    _ = queue.takeGroup(at: start)
    _ = queue.sweep(armedFor: start + .milliseconds(5), at: start + .milliseconds(5))
    #expect(queue.finishGroup() == [nil, 1])
  }

  @Test("ignores a sweep that an earlier one has replaced")
  func staleSweep() {
    var queue = Queue()
    _ = queue.append(pending(0, after: .seconds(2)))
    _ = queue.append(pending(1, after: .seconds(1)))
    #expect(queue.sweep(armedFor: start + .seconds(2), at: start + .seconds(3)).overdue.isEmpty)
    #expect(queue.sweep(armedFor: start + .seconds(1), at: start + .seconds(3)).overdue == [0, 1])
  }
}

extension NewBatch {
  fileprivate static func sample(bytes: Int) -> NewBatch {
    let kind = EventKind(
      app: AppID(rawValue: 1), type: EventType(rawValue: "friend.added"), command: "Sns.CallbackFriendAdd")
    return NewBatch(
      id: BatchID(high: 1, low: 2), kind: kind, eventCount: 1, receivedAt: Timestamp(milliseconds: 0),
      derivation: Derivation(rawValue: "1"), payload: Array(repeating: 0, count: bytes), duplicateKey: nil)
  }
}
