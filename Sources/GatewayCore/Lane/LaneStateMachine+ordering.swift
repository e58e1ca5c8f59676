import DequeModule

// The events of one key, one after the other.

/// Events of one ordering key that have been parked and have their turn.
package struct ParkedTurn: Hashable, Sendable {
  package var key: OrderingKey
  /// The run's first event.
  package var first: SequenceNumber
  /// All events of the run; nil where they are in the journal only.
  package var members: [SequenceNumber]?
  /// How many of them are worth loading.
  package var limit: Int
}

extension LaneStateMachine {
  /// Takes over what the journal holds back for keys.
  mutating func restoreLines(_ keyed: [DeliveryException]) {
    for exception in keyed {
      for key in exception.distinctKeys {
        if exception.state == .parked {
          lines[key, default: KeyLine(holder: .run)].runs.append(exception)
        } else {
          lines[key, default: KeyLine(holder: .exception)].holder = .exception
        }
      }
    }
    for exception in keyed where exception.state == .parked {
      guard let key = exception.distinctKeys.first, let line = lines[key] else { continue }
      if exception.first >= scanned { addGate(exception.first, key) }
      if line.holder == .run, line.runs.first?.first == exception.first { release([key]) }
    }
  }

  /// Gives the turn to what was parked before a crash, once all that goes before it has been scanned.
  mutating func openGates() {
    while let gate = gates.first, gate.first < scanned {
      gates.removeFirst()
      if lines[gate.key]?.holder == .scan { release([gate.key]) }
    }
  }

  private mutating func addGate(_ first: SequenceNumber, _ key: OrderingKey) {
    var place = gates.endIndex
    while place > 0, first < gates[place - 1].first { place -= 1 }
    if place == 0 || gates[place - 1].first != first { gates.insert((first, key), at: place) }
  }

  /// Gives the turn to what waits next of these keys.
  mutating func release(_ keys: [OrderingKey]) {
    for key in keys.count > 1 ? keys.distinct : keys {
      guard !isUnrecorded(key) else {
        lines[key]?.holder = .record
        continue
      }
      guard var line = lines.removeValue(forKey: key) else { continue }
      if let slot = line.queued.popFirst() {
        line.holder = .window
        window.release(slot)
      } else if let run = line.runs.first, run.first >= scanned {
        line.holder = .scan
        addGate(run.first, key)
      } else if !line.runs.isEmpty {
        line.holder = .run
        if line.loaded.isEmpty { runTurns.append(key) } else { readyRuns.append(key) }
      } else {
        continue
      }
      lines[key] = line
    }
  }

  /// Gives the turn to what waits next once the next settlement is committed: until then a crash could bring back what
  /// goes before.
  mutating func release(onceRecorded keys: [OrderingKey?]) {
    for case let key? in keys {
      unrecorded.insert(key)
      lines[key]?.holder = .record
    }
  }

  private func isUnrecorded(_ key: OrderingKey) -> Bool {
    unrecorded.contains(key) || outstanding?.unrecorded.contains(key) == true
  }

  mutating func park(_ sequence: SequenceNumber, key: OrderingKey, acceptedAt: Timestamp) {
    guard let before = lines[key]?.runs.count, let run = lines[key]?.park(sequence, key: key, acceptedAt: acceptedAt)
    else { return }
    changes[run.first] = run
    parkedRuns += (lines[key]?.runs.count ?? before) - before
    waitingEvents += 1
    if breaker.isOpen { parkedWhileOpen += 1 }
  }

  /// The delivery of these keys has become an exception: those behind it in the window are parked, so that they do not
  /// hold the cursor.
  mutating func parkThoseBehind(_ keys: [OrderingKey?]) {
    for key in keys.compactMap(\.self).distinct {
      guard let queued = lines[key]?.queued else { continue }
      lines[key]?.holder = .exception
      lines[key]?.loaded = []
      lines[key]?.queued = []
      guard let first = queued.first else { continue }
      parkInFront(queued.map { (window[$0].sequence, key) }, acceptedAt: window[first].acceptedAt)
      for slot in queued { window.settle(slot) }
    }
  }

  /// Parks events that go before all that is parked of their keys.
  mutating func parkInFront(_ events: [(sequence: SequenceNumber, key: OrderingKey)], acceptedAt: Timestamp) {
    var members: [OrderingKey: [SequenceNumber]] = [:]
    for event in events { members[event.key, default: []].append(event.sequence) }
    for (key, members) in members {
      let run = DeliveryException.run(members, key: key, acceptedAt: acceptedAt)
      lines[key]?.runs.prepend(run)
      lines[key]?.loaded = []
      changes[run.first] = run
      parkedRuns += 1
      waitingEvents += members.count
    }
  }

  /// The first events of some keys' first runs have been delivered, or have become an exception.
  mutating func advanceRuns(of taken: DeliveryException) {
    for (key, events) in Dictionary(grouping: taken.keys.compactMap(\.self), by: \.self) {
      advanceRun(of: key, by: events.count)
    }
  }

  private mutating func advanceRun(of key: OrderingKey, by count: Int) {
    guard let line = lines[key], let run = line.runs.first, let members = run.parkedMembers else { return }
    let loaded = Deque(line.loaded.dropFirst(count))
    let rest = Array(members.dropFirst(count))
    lines[key]?.inFlight = 0
    lines[key]?.loaded = rest.isEmpty ? [] : loaded
    changes[run.first] = .some(nil)
    endedDuringExpiry?.insert(run.first)
    waitingEvents -= count
    if rest.isEmpty {
      lines[key]?.runs.removeFirst()
      parkedRuns -= 1
    } else {
      var remaining = run
      remaining.setParked(rest)
      if let acceptedAt = loaded.first { remaining.acceptedAt = acceptedAt }
      lines[key]?.runs[0] = remaining
      changes[remaining.first] = remaining
    }
  }

  /// The first events of some keys' first runs have been in flight, and have their turn again.
  mutating func putBackRuns(of taken: DeliveryException) {
    for key in taken.distinctKeys {
      lines[key]?.inFlight = 0
      lines[key]?.loaded = []
      runTurns.prepend(key)
    }
  }

  /// A batch or an event in flight waits again. Only the first of each key has its turn, the others wait behind it.
  mutating func putBack(_ slots: [Int], behindOthers: Bool) {
    var turns: [Int] = []
    var behind: [OrderingKey: [Int]] = [:]
    var seen: Set<OrderingKey> = []
    for slot in slots {
      if let key = window[slot].key, !seen.insert(key).inserted {
        behind[key, default: []].append(slot)
      } else {
        turns.append(slot)
      }
    }
    if behindOthers {
      for slot in turns { window.release(slot) }
    } else {
      for slot in turns.reversed() { window.putBack(slot) }
    }
    for (key, slots) in behind {
      for slot in slots.reversed() {
        window.queue(slot)
        lines[key]?.queued.prepend(slot)
      }
    }
  }
}

// MARK: Loading what is parked

extension LaneStateMachine {
  /// How many keys' parked events may be loaded now.
  private var runCapacity: Int {
    isStopped || breaker.isOpen && hasUntried
      ? 0 : max(0, Limit.readyRetries - readyRuns.count - loadingRuns.count)
  }

  /// How many events of one run are loaded: enough for a batch.
  private var loadLimit: Int { max(Limit.loadedOfRun, batchSize) }

  /// Whether there is something to load.
  package var hasRunTurn: Bool { runCapacity > 0 && runTurns.contains(where: isLoadable) }

  /// Takes keys whose first run is to be loaded, for `admitRun` or `runNotLoaded`.
  package mutating func takeRunTurns() -> [ParkedTurn] {
    var turns: [ParkedTurn] = []
    var left = runTurns.count
    var capacity = runCapacity
    while left > 0, capacity > 0, let key = runTurns.popFirst() {
      left -= 1
      guard let run = lines[key]?.runs.first else { continue }
      guard isLoadable(key) else {
        runTurns.append(key)
        continue
      }
      loadingRuns[key] = run.first
      turns.append(ParkedTurn(key: key, first: run.first, members: run.parkedMembers, limit: loadLimit))
      capacity -= 1
    }
    return turns
  }

  /// One whose members are in the journal only must have got there.
  private func isLoadable(_ key: OrderingKey) -> Bool {
    guard let run = lines[key]?.runs.first else { return true }
    return run.parkedMembers != nil || changes[run.first] == nil && outstanding?.changes[run.first] == nil
  }

  /// Takes a run whose first events have been loaded.
  ///
  /// - Parameters:
  ///   - members: All events of the run.
  ///   - loaded: When the first of them were accepted, as many as are loaded: at least one.
  /// - Returns: Whether they are wanted; not if the run has changed since.
  package mutating func admitRun(_ turn: ParkedTurn, members: [SequenceNumber], loaded: [Timestamp]) -> Bool {
    guard endLoading(turn) else { return false }
    if turn.members == nil { lines[turn.key]?.runs[0].setParked(members) }
    lines[turn.key]?.loaded = Deque(loaded)
    readyRuns.append(turn.key)
    return true
  }

  /// The journal could not be read, or there was no room: it has its turn again.
  package mutating func runNotLoaded(_ turn: ParkedTurn) {
    if endLoading(turn) { runTurns.append(turn.key) }
  }

  /// The first event of a run can no longer be read: it is dead. Returns whether it was still wanted.
  package mutating func giveUpFirst(
    of turn: ParkedTurn, members: [SequenceNumber], reason: String, now: Timestamp
  ) -> Bool {
    guard endLoading(turn), let run = lines[turn.key]?.runs.first else { return false }
    if turn.members == nil { lines[turn.key]?.runs[0].setParked(members) }
    let dead = DeliveryException.run([turn.first], key: turn.key, acceptedAt: run.acceptedAt)
    advanceRuns(of: dead)
    write(dead, state: .dead, error: reason, now: now)
    release(onceRecorded: dead.keys)
    return true
  }

  /// The events whose bytes may be needed that are not in the window: those in flight or about to be.
  package var eventsToKeep: Set<SequenceNumber> {
    var kept: Set<SequenceNumber> = []
    for exception in Array(underWay.values) + ready { kept.formUnion([exception.first] + exception.members) }
    for line in lines.values where !line.loaded.isEmpty { kept.formUnion(line.runs.first?.parkedMembers ?? []) }
    return kept
  }

  /// Whether the run that was being loaded is still the one whose turn it is. If another one is now, that is loaded.
  private mutating func endLoading(_ turn: ParkedTurn) -> Bool {
    guard loadingRuns[turn.key] == turn.first else { return false }
    loadingRuns[turn.key] = nil
    guard let line = lines[turn.key], line.holder == .run, let run = line.runs.first else { return false }
    if run.first == turn.first, (run.parkedMembers == nil) == (turn.members == nil) { return true }
    if !runTurns.contains(turn.key) { runTurns.append(turn.key) }
    return false
  }
}

extension DeliveryException {
  fileprivate var distinctKeys: [OrderingKey] { keys.compactMap(\.self).distinct }
}

extension [OrderingKey] {
  /// Each once, in the order in which they first stand.
  fileprivate var distinct: [OrderingKey] {
    var seen: Set<OrderingKey> = []
    return filter { seen.insert($0).inserted }
  }
}
