import DequeModule

/// The events of one ordering key that are owed: one has its turn, the others wait behind it in journal order, first
/// those in the window, then those parked.
struct KeyLine: Sendable {
  enum Limit {
    /// Events of one key that wait in the window; what comes after is parked.
    static let queued = 32
    /// Events of one run.
    static let run = 512
  }

  /// Where the one is whose turn it is.
  enum Holder: Hashable, Sendable {
    /// In the window: it waits or is in flight.
    case window
    /// The cursor has passed it: it waits for a retry or is in flight again. Those behind it are parked, or they would
    /// hold the cursor.
    case exception
    /// It is the first of the first run.
    case run
    /// Its turn is over; the next one begins when that is recorded. Until then a crash could bring it back.
    case record
    /// After a crash that left the cursor behind what is parked: what goes before that is still to be scanned.
    case scan
  }

  var holder: Holder
  /// Slots of the window, in order.
  var queued: Deque<Int> = []
  /// What is parked, in order.
  var runs: Deque<DeliveryException> = []
  /// When those of the first run were accepted that are loaded, its first members.
  var loaded: Deque<Timestamp> = []
  /// How many of the first run's members are in flight.
  var inFlight = 0

  /// Whether a sequence number goes before all that is parked.
  func isBeforeRuns(_ sequence: SequenceNumber) -> Bool { runs.first.map { sequence < $0.first } ?? true }

  /// Appends to the run it belongs behind, or begins a new one; returns the run.
  mutating func park(_ sequence: SequenceNumber, key: OrderingKey, acceptedAt: Timestamp) -> DeliveryException {
    var place = runs.endIndex
    while place > 0, sequence < runs[place - 1].first { place -= 1 }
    if place > 0, runs[place - 1].eventCount < Limit.run, var members = runs[place - 1].parkedMembers {
      members.append(sequence)
      runs[place - 1].setParked(members)
      return runs[place - 1]
    }
    // What a full run holds is in the journal, or on its way there: only the last one grows.
    if place > 1 { runs[place - 1].members = [] }
    runs.insert(.run([sequence], key: key, acceptedAt: acceptedAt), at: place)
    return runs[place]
  }
}

extension DeliveryException {
  /// - Parameter acceptedAt: When the first of them was accepted.
  static func run(_ members: [SequenceNumber], key: OrderingKey, acceptedAt: Timestamp) -> DeliveryException {
    var run = DeliveryException(
      first: members[0], last: members[0], state: .parked, keys: [key], acceptedAt: acceptedAt, attempts: 0,
      dueAt: acceptedAt, firstAttemptAt: acceptedAt, endedAt: nil, lastError: "")
    run.setParked(members)
    return run
  }

  /// Nil where they are in the journal only.
  var parkedMembers: [SequenceNumber]? { eventCount == 1 ? [first] : members.isEmpty ? nil : members }

  /// - Parameter members: At least one.
  mutating func setParked(_ members: [SequenceNumber]) {
    first = members[0]
    last = members[members.count - 1]
    eventCount = members.count
    self.members = members.count == 1 ? [] : members
  }
}
