import DequeModule

/// The first deliveries of a lane that are not settled yet, in journal order: those that wait, those in flight, and
/// those settled behind an older one that is not.
///
/// A slot is an entry's place counted from when the lane was opened: it stays the same while older ones leave.
struct LaneWindow: Sendable {
  struct Entry: Sendable {
    enum State: Sendable {
      /// It may be sent.
      case waiting
      /// It waits behind another of its key.
      case queued
      case inFlight
      case settled
    }

    var sequence: SequenceNumber
    var acceptedAt: Timestamp
    var key: OrderingKey?
    var form = DeliveryForm.event
    /// How many events it stands for.
    var eventCount = 1
    /// When it came into the window.
    var admittedAt: Timestamp
    var state = State.waiting
    /// When its attempt began, by the wall clock.
    var sentAt: Timestamp?
  }

  private var entries: Deque<Entry> = []
  /// The slot of the oldest entry.
  private var base = 0
  /// The slots that wait, in the order in which they go.
  private var turns: Deque<Int> = []

  var count: Int { entries.count }
  var waiting: Int { turns.count }
  /// The oldest entry; it is never a settled one.
  var oldest: Entry? { entries.first }
  /// The one that goes next.
  var next: Entry? { turns.first.map { self[$0] } }
  /// Events that are not settled.
  private(set) var unsettled = 0

  subscript(slot: Int) -> Entry { entries[slot - base] }

  /// Returns its slot.
  @discardableResult
  mutating func append(_ entry: Entry) -> Int {
    let slot = base + entries.count
    entries.append(entry)
    unsettled += entry.eventCount
    if entry.state == .waiting { turns.append(slot) }
    return slot
  }

  /// Marks the one that goes next as in flight.
  mutating func take(at now: Timestamp) -> Int? {
    guard let slot = turns.popFirst() else { return nil }
    markInFlight(slot, at: now)
    return slot
  }

  /// Marks one that was queued as in flight.
  mutating func markInFlight(_ slot: Int, at now: Timestamp) {
    entries[slot - base].state = .inFlight
    entries[slot - base].sentAt = now
  }

  /// One that was in flight waits again, before all others.
  mutating func putBack(_ slot: Int) {
    entries[slot - base].state = .waiting
    turns.prepend(slot)
  }

  /// One that was in flight waits behind another of its key.
  mutating func queue(_ slot: Int) { entries[slot - base].state = .queued }

  /// One that was queued or in flight waits, behind all others.
  mutating func release(_ slot: Int) {
    entries[slot - base].state = .waiting
    turns.append(slot)
  }

  /// Whether the entry of a slot is in flight there; not if it has been written out since.
  func isInFlight(_ slot: Int) -> Bool { slot >= base && entries[slot - base].state == .inFlight }

  mutating func settle(_ slot: Int) {
    entries[slot - base].state = .settled
    unsettled -= entries[slot - base].eventCount
    while entries.first?.state == .settled {
      entries.removeFirst()
      base += 1
    }
  }

  /// The slot of the oldest entry, if it is in flight since before a moment.
  func straggler(sentBefore moment: Timestamp) -> Int? {
    guard let entry = entries.first, entry.state == .inFlight, let sentAt = entry.sentAt, sentAt < moment else {
      return nil
    }
    return base
  }

  /// The slot of the oldest entry, if it waits and a later one is settled.
  var waitingBeforeSettled: Int? {
    guard let first = entries.first, first.state == .waiting, entries.contains(where: { $0.state == .settled }) else {
      return nil
    }
    return base
  }

  /// The slots below a sequence number that are not settled, in order.
  func slots(below limit: SequenceNumber) -> [Int] {
    entries.indices.prefix { entries[$0].sequence < limit }.filter { entries[$0].state != .settled }.map { base + $0 }
  }

  /// Those that wait go in the order of the journal again.
  mutating func sortTurns() { turns.sort() }

  /// Takes a waiting entry out of the turns; it is then to be settled.
  mutating func withdraw(_ slots: Set<Int>) { turns.removeAll(where: slots.contains) }
}
