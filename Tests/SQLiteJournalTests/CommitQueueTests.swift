import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("The commit queue")
struct CommitQueueTests {
  private typealias Queue = CommitQueue<Int, String>
  private let start = ContinuousClock.now

  private func pending(_ number: Int, bytes: Int = 10, deadline: Duration = .seconds(2)) -> Queue.PendingAppend {
    Queue.PendingAppend(
      batch: .sample(.init(repeating: 0, count: bytes)), checksum: 0, deadline: start + deadline, waiter: number)
  }

  private func settlement(_ name: String) -> Queue.PendingSettlement {
    Queue.PendingSettlement(settlement: Settlement(lane: LaneID(rawValue: 1)), waiter: name)
  }

  private func expectGroup(_ waiters: [Int], _ group: Queue.Group?, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(group?.appends.map(\.waiter) == waiters, sourceLocation: sourceLocation)
  }

  @Test("the first to wait wakes the writer, those after it do not, until nothing is left")
  func waking() {
    var queue = Queue()
    #expect(queue.append(pending(1)) == .waits(wakesWriter: true, sweepAt: start + .seconds(2)))
    #expect(queue.append(pending(2)) == .waits(wakesWriter: false, sweepAt: nil))
    #expect(queue.settle(settlement("a")) == .waits(wakesWriter: false, sweepAt: nil))
    #expect(queue.takeGroup(at: start) != nil)
    #expect(queue.finishGroup() == [1, 2])
    #expect(queue.append(pending(3)) == .waits(wakesWriter: false, sweepAt: nil))
    #expect(queue.takeGroup(at: start) != nil)
    #expect(queue.takeGroup(at: start) == nil)
    #expect(queue.append(pending(4)) == .waits(wakesWriter: true, sweepAt: nil))
  }

  @Test("a group takes in order, from both queues, up to its bounds")
  func bounds() {
    var queue = Queue()
    for number in 0..<600 { _ = queue.append(pending(number)) }
    for number in 0..<600 { _ = queue.settle(settlement("\(number)")) }
    let first = queue.takeGroup(at: start)
    #expect(first?.appends.map(\.waiter) == Array(0..<512))
    #expect(first?.settlements.map(\.waiter) == (0..<512).map { "\($0)" })
    #expect(queue.finishGroup() == (0..<512).map { $0 })
    let second = queue.takeGroup(at: start)
    #expect(second?.appends.map(\.waiter) == Array(512..<600))
    #expect(second?.settlements.count == 88)
  }

  @Test("a group ends before its payloads grow too large, but takes one however large")
  func bytes() {
    var queue = Queue()
    for number in 0..<3 { _ = queue.append(pending(number, bytes: Queue.maximumGroupBytes / 2 - 2048)) }
    _ = queue.append(pending(3, bytes: Queue.maximumGroupBytes * 2))
    expectGroup([0, 1], queue.takeGroup(at: start))
    expectGroup([2], queue.takeGroup(at: start))
    expectGroup([3], queue.takeGroup(at: start))
  }

  @Test("what is past its deadline when its group is taken is withdrawn")
  func withdrawnAtTaking() {
    var queue = Queue()
    _ = queue.append(pending(1, deadline: .seconds(1)))
    _ = queue.append(pending(2, deadline: .seconds(3)))
    let group = queue.takeGroup(at: start + .seconds(1))
    #expect(group?.withdrawn == [1])
    #expect(group?.appends.map(\.waiter) == [2])
  }

  @Test("a sweep withdraws what waits and gives up on what is under way, each once")
  func sweeping() {
    var queue = Queue()
    _ = queue.append(pending(1, deadline: .seconds(1)))
    _ = queue.append(pending(2, deadline: .seconds(3)))
    _ = queue.takeGroup(at: start)
    _ = queue.append(pending(3, deadline: .seconds(2)))
    _ = queue.append(pending(4, deadline: .seconds(4)))
    let first = queue.sweep(armedFor: start + .seconds(1), at: start + .seconds(2))
    #expect(first.overdue == [1, 3])
    #expect(first.next == start + .seconds(3))
    #expect(queue.finishGroup() == [nil, 2])
    expectGroup([4], queue.takeGroup(at: start + .seconds(2)))
    let second = queue.sweep(armedFor: start + .seconds(3), at: start + .seconds(5))
    #expect(second.overdue == [4])
    #expect(second.next == nil)
    #expect(queue.finishGroup() == [nil])
  }

  @Test("an earlier deadline is looked after earlier, and the later sweep it replaces does nothing")
  func earlierDeadline() {
    var queue = Queue()
    #expect(queue.append(pending(1, deadline: .seconds(9))) == .waits(wakesWriter: true, sweepAt: start + .seconds(9)))
    #expect(queue.append(pending(2, deadline: .seconds(5))) == .waits(wakesWriter: false, sweepAt: start + .seconds(5)))
    #expect(queue.append(pending(3, deadline: .seconds(7))) == .waits(wakesWriter: false, sweepAt: nil))
    let stale = queue.sweep(armedFor: start + .seconds(9), at: start + .seconds(9))
    #expect(stale.overdue.isEmpty)
    #expect(stale.next == nil)
    let due = queue.sweep(armedFor: start + .seconds(5), at: start + .seconds(5))
    #expect(due.overdue == [2])
    #expect(due.next == start + .seconds(7))
  }

  @Test("sweeps keep a distance")
  func sweepDistance() {
    var queue = Queue()
    _ = queue.append(pending(1, deadline: .seconds(1)))
    _ = queue.append(pending(2, deadline: .seconds(1) + .milliseconds(1)))
    let swept = queue.sweep(armedFor: start + .seconds(1), at: start + .seconds(1))
    #expect(swept.next == start + .seconds(1) + Queue.sweepInterval)
  }

  @Test("a group takes what there is room for; the rest waits, and settlements go on")
  func room() {
    var queue = Queue()
    for number in 0..<3 { _ = queue.append(pending(number, bytes: 10_000)) }
    _ = queue.settle(settlement("a"))
    let none = queue.takeGroup(at: start, room: AppendRoom(single: 5000, group: 5000, free: 5000))
    #expect(none?.appends.isEmpty == true)
    #expect(none?.settlements.map(\.waiter) == ["a"])
    #expect(queue.isShortOfRoom)
    #expect(queue.finishGroup() == [])
    expectGroup([0, 1], queue.takeGroup(at: start, room: AppendRoom(single: 30_000, group: 25_000, free: 60_000)))
    #expect(!queue.isShortOfRoom)
    #expect(queue.finishGroup() == [0, 1])
    #expect(queue.takeGroup(at: start, room: AppendRoom(single: 0, group: 0, free: 0)) == nil)
    #expect(queue.roomMade() == true)
    expectGroup([2], queue.takeGroup(at: start))
  }

  @Test("what waits for room is withdrawn at its deadline for want of room")
  func roomTooLate() {
    let none = AppendRoom(single: 0, group: 0, free: 0)
    var queue = Queue()
    _ = queue.append(pending(1, deadline: .seconds(1)))
    _ = queue.append(pending(2, deadline: .seconds(2)))
    #expect(queue.takeGroup(at: start, room: none) == nil)
    #expect(queue.reasonToWithdraw == .full)
    #expect(queue.sweep(armedFor: start + .seconds(1), at: start + .seconds(1)).overdue == [1])
    let late = queue.takeGroup(at: start + .seconds(3))
    #expect(late?.withdrawn == [2])
    #expect(late?.reasonToWithdraw == .full)
    #expect(queue.reasonToWithdraw == .deadlineExceeded)
  }

  @Test("what a full disk has rolled back waits in its place until room is made, but for what was overdue meanwhile")
  func rolledBack() {
    var queue = Queue()
    _ = queue.append(pending(1))
    _ = queue.append(pending(2, deadline: .seconds(1)))
    let group = queue.takeGroup(at: start)!
    _ = queue.append(pending(3))
    #expect(queue.sweep(armedFor: start + .seconds(1), at: start + .seconds(1)).overdue == [2])
    #expect(queue.finishGroup(roomless: [(0, group.appends[0]), (1, group.appends[1])]) == [nil, nil])
    #expect(!queue.hasAppends)
    #expect(queue.takeGroup(at: start) == nil)
    #expect(queue.roomMade() == true)
    #expect(queue.roomMade() == false)
    expectGroup([1, 3], queue.takeGroup(at: start))
  }

  @Test("a closed queue gives back what has found no room")
  func closedWithoutRoom() {
    var queue = Queue()
    _ = queue.append(pending(1))
    queue.close()
    #expect(queue.takeGroup(at: start, room: AppendRoom(single: 0, group: 0, free: 0)) == nil)
    #expect(queue.abandon() == [1])
    #expect(queue.abandon() == [])
  }

  @Test("a closed queue takes nothing in and gives out what it has")
  func closing() {
    var queue = Queue()
    _ = queue.append(pending(1))
    queue.close()
    #expect(queue.append(pending(2)) == .closed)
    #expect(queue.settle(settlement("a")) == .closed)
    expectGroup([1], queue.takeGroup(at: start))
  }
}
