import GatewayCore
import Synchronization
import Testing

@Suite("A journal's head")
struct JournalHeadTests {
  private let added = EventKind(app: AppID(rawValue: 1), type: EventType(rawValue: "blocklist.added"), command: "a")
  private let other = EventKind(app: AppID(rawValue: 1), type: .callback, command: "b")

  @Test("tells whether anything wanted lies ahead of a position")
  func look() {
    let head = JournalHead(next: .first)
    head.advance(
      to: SequenceNumber(rawValue: 5),
      appended: [(added, SequenceNumber(rawValue: 4), 3), (other, SequenceNumber(rawValue: 5), 1)])
    #expect(head.look(from: .first) { $0 == added } == (SequenceNumber(rawValue: 5), true))
    #expect(head.look(from: SequenceNumber(rawValue: 4)) { $0 == added } == (SequenceNumber(rawValue: 5), false))
    #expect(head.total { $0 == added } == 3)
    #expect(head.total { _ in true } == 4)
  }

  @Test("tells its observer which kinds have come")
  func observes() {
    let head = JournalHead(next: .first)
    let seen = Mutex<[Set<EventKind>]>([])
    head.observe { kinds in seen.withLock { $0.append(kinds) } }
    head.advance(to: SequenceNumber(rawValue: 2), appended: [(other, SequenceNumber(rawValue: 2), 1)])
    #expect(seen.withLock { $0 } == [[other]])
  }
}
