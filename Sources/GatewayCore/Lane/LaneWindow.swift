import DequeModule

/// The first deliveries of a lane that are not settled yet, in journal order: those that wait, those in flight, and
/// those settled behind an older one that is not.
///
/// A slot is an entry's place counted from when the lane was opened: it stays the same while older ones leave.
struct LaneWindow: Sendable {
  struct Entry: Sendable {
    enum State: Sendable { case waiting, inFlight, settled }

    var sequence: SequenceNumber
    var acceptedAt: Timestamp
    var state = State.waiting
    /// When its attempt began, by the wall clock.
    var sentAt: Timestamp?
  }

  private var entries: Deque<Entry> = []
  /// The slot of the oldest entry.
  private var base = 0
  /// The slot of the oldest entry that waits; the newest slot and one if none does.
  private var firstWaiting = 0

  var count: Int { entries.count }
  var waiting: Int { base + entries.count - firstWaiting }
  /// The oldest entry; it is never a settled one.
  var oldest: Entry? { entries.first }
  /// Entries that are not settled.
  private(set) var unsettled = 0

  mutating func append(_ sequence: SequenceNumber, acceptedAt: Timestamp) {
    entries.append(Entry(sequence: sequence, acceptedAt: acceptedAt))
    unsettled += 1
  }

  /// Marks the oldest waiting entry as in flight.
  mutating func takeWaiting(at now: Timestamp) -> (slot: Int, entry: Entry)? {
    guard waiting > 0 else { return nil }
    let slot = firstWaiting
    entries[slot - base].state = .inFlight
    entries[slot - base].sentAt = now
    firstWaiting += 1
    return (slot, entries[slot - base])
  }

  /// The entry in a slot if it is in flight there; nil if it has been written out since.
  func inFlight(_ slot: Int) -> Entry? {
    guard slot >= base, entries[slot - base].state == .inFlight else { return nil }
    return entries[slot - base]
  }

  mutating func settle(_ slot: Int) {
    entries[slot - base].state = .settled
    unsettled -= 1
    dropSettled()
  }

  /// Takes entries off the front that are in flight since before a moment, up to the first that is not.
  mutating func takeStragglers(sentBefore moment: Timestamp) -> [Entry] {
    var taken: [Entry] = []
    while let entry = entries.first, entry.state == .inFlight, let sentAt = entry.sentAt, sentAt < moment {
      taken.append(entry)
      settle(base)
    }
    return taken
  }

  /// Drops everything below a sequence number: the in-flight ones and the waiting ones that this took away.
  mutating func drop(below limit: SequenceNumber) -> (inFlight: [Entry], waiting: [Entry]) {
    var inFlight: [Entry] = []
    var waiting: [Entry] = []
    while let entry = entries.first, entry.sequence < limit {
      switch entry.state {
      case .inFlight: inFlight.append(entry)
      case .waiting: waiting.append(entry)
      case .settled: break
      }
      unsettled -= entry.state == .settled ? 0 : 1
      entries.removeFirst()
      base += 1
    }
    firstWaiting = max(firstWaiting, base)
    dropSettled()
    return (inFlight, waiting)
  }

  private mutating func dropSettled() {
    while entries.first?.state == .settled {
      entries.removeFirst()
      base += 1
    }
  }
}
