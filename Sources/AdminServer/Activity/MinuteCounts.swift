/// How many came in each of the last sixty minutes, counted back from now.
///
/// Kept in slots of ten seconds, so that the last minute is always a whole one, and not what the present one has so far.
struct MinuteCounts: Sendable {
  static let minutes = 60
  private static let slotsPerMinute = 6
  private static let slot: Duration = .seconds(60) / slotsPerMinute

  private let start: ContinuousClock.Instant
  /// A ring; what came ten seconds ago and what came an hour ago are in neighbouring slots.
  private var slots = [UInt32](repeating: 0, count: minutes * slotsPerMinute)
  /// The number, from the start, of the slot that is filled now.
  private var current = 0

  init(from start: ContinuousClock.Instant) { self.start = start }

  mutating func add(_ count: Int, at now: ContinuousClock.Instant) {
    advance(to: now)
    let index = current % slots.count
    slots[index] = slots[index].addingReportingOverflow(UInt32(clamping: count)).partialValue
  }

  /// Oldest first.
  var perMinute: [Int] {
    (0..<Self.minutes).map { minute in
      (0..<Self.slotsPerMinute).reduce(0) { sum, slot in
        let age = slots.count - 1 - minute * Self.slotsPerMinute - slot
        return age > current ? sum : sum + Int(slots[(current - age) % slots.count])
      }
    }
  }

  private mutating func advance(to now: ContinuousClock.Instant) {
    let target = max(current, Int((now - start) / Self.slot))
    // A sleep of the machine may be longer than the ring.
    for passed in max(current, target - slots.count)..<target { slots[(passed + 1) % slots.count] = 0 }
    current = target
  }
}
