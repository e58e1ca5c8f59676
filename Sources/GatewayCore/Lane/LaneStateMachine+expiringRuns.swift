import DequeModule

// Giving up what is parked.

extension LaneStateMachine {
  /// Takes from the parked runs what lies below a limit. Of a run that is in flight what is under way is left to end.
  ///
  /// - Parameter stored: Runs as the journal has them, for the members of those that are not in memory.
  mutating func expireRuns(below limit: SequenceNumber, stored: [DeliveryException], _ piece: inout GivenUp) {
    let members = Dictionary(stored.map { ($0.first, $0.parkedMembers ?? []) }) { first, _ in first }
    for (key, line) in lines where line.runs.contains(where: { $0.first < limit }) {
      let firstRun = line.runs.first?.first
      var kept: Deque<DeliveryException> = []
      for run in line.runs {
        let inFlight = run.first == firstRun ? line.inFlight : 0
        if run.first < limit,
          let rest = expire(run, below: limit, inFlight: inFlight, stored: members[run.first], &piece)
        {
          if rest.eventCount > 0 { kept.append(rest) } else { parkedRuns -= 1 }
        } else {
          kept.append(run)
        }
      }
      lines[key]?.runs = kept
      if line.inFlight > 0 {
        // What is loaded behind that is loaded again.
        lines[key]?.loaded = Deque(line.loaded.prefix(line.inFlight))
        unrecorded.insert(key)
      } else if kept.first?.first != firstRun {
        firstRunHasGone(from: key)
      }
    }
  }

  /// Returns what is left of a run, with an `eventCount` of 0 if nothing is; nil if nothing can be taken from it now.
  private mutating func expire(
    _ run: DeliveryException, below limit: SequenceNumber, inFlight: Int, stored: [SequenceNumber]?,
    _ piece: inout GivenUp
  ) -> DeliveryException? {
    var rest: [SequenceNumber] = []
    var first = run.first
    if inFlight > 0 || run.last >= limit {
      // A run that has changed since it was read has them in memory, or waits for the next time.
      guard let members = run.parkedMembers ?? stored, members.count == run.eventCount else { return nil }
      rest = Array(members.prefix(inFlight) + members.dropFirst(inFlight).drop { $0 < limit })
      guard rest.count < members.count else { return nil }
      first = members[inFlight]
    }
    piece.firsts.append(first)
    piece.events += run.eventCount - rest.count
    waitingEvents -= run.eventCount - rest.count
    changes[run.first] = .some(nil)
    var remaining = run
    remaining.eventCount = 0
    if !rest.isEmpty {
      remaining.setParked(rest)
      changes[remaining.first] = remaining
    }
    return remaining
  }

  /// What comes next of a key has its turn once that is recorded: until then a crash could bring back what goes before.
  private mutating func firstRunHasGone(from key: OrderingKey) {
    lines[key]?.loaded = []
    guard let holder = lines[key]?.holder, holder == .run || holder == .scan else { return }
    readyRuns.removeAll { $0 == key }
    runTurns.removeAll { $0 == key }
    release(onceRecorded: [key])
  }
}
