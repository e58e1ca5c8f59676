import DequeModule

// What goes out.

extension LaneStateMachine {
  /// The next attempt to make, which then is in flight; nil when there is nothing, no slot or no token.
  package mutating func nextSend(now: Timestamp) -> LaneSend? {
    guard let source = nextSource(now: now), bucket?.take(now: now) ?? true else { return nil }
    let isProbe = breaker.isOpen
    if isProbe {
      breaker.probe(settings.breaker, now: now)
      probesException = source != .retries
      isProbing = true
    } else {
      turn = source.next
    }
    inFlight += 1
    return switch source {
    case .window: firstAttempt(isProbe: isProbe, now: now)
    case .retries: retry(isProbe: isProbe)
    case .runs: firstOfRun(isProbe: isProbe, now: now)
    }
  }

  /// When an attempt may begin that only the rate limit holds up; nil if there is none.
  package var nextToken: Timestamp? {
    let mayGo = !isStopped && !breaker.isOpen && inFlight < breaker.limit(concurrency: settings.concurrency)
    return mayGo && (mayTryFirst && hasUntried || !ready.isEmpty) ? bucket?.nextToken() : nil
  }

  /// When a batch is sent although it is not full; nil if none waits.
  var nextBatch: Timestamp? {
    guard let policy = settings.batch, !isStopped, let next = window.next else { return nil }
    return next.admittedAt + policy.maxWait
  }

  private func nextSource(now: Timestamp) -> Source? {
    guard !isStopped else { return nil }
    if case .open(let nextProbe) = breaker.state {
      guard nextProbe <= now, !isProbing, inFlight < settings.concurrency else { return nil }
      return probeSource
    }
    guard inFlight < breaker.limit(concurrency: settings.concurrency) else { return nil }
    var source = turn
    for _ in Source.allCases {
      if has(source, now: now) { return source }
      source = source.next
    }
    return nil
  }

  private func has(_ source: Source, now: Timestamp) -> Bool {
    switch source {
    case .window: mayTryFirst && window.waiting > 0 && isBatchRipe(now: now)
    case .retries: !ready.isEmpty
    case .runs: mayTryFirst && !readyRuns.isEmpty
    }
  }

  /// A failure needs a row of its own: without room for one no first attempt is made.
  private var mayTryFirst: Bool { retrying + inFlight < Limit.retrying }

  private func isBatchRipe(now: Timestamp) -> Bool {
    guard let nextBatch, let next = window.next else { return true }
    // The clock may have been set back.
    let isOldEnough = nextBatch <= now || next.admittedAt > now
    return window.waiting >= batchSize || next.form == .original || breaker.isOpen || isOldEnough
  }

  var batchSize: Int {
    guard let policy = settings.batch else { return 1 }
    return min(batchLimit ?? policy.maxEvents, policy.maxEvents)
  }

  private mutating func firstAttempt(isProbe: Bool, now: Timestamp) -> LaneSend? {
    guard let slot = window.take(at: now) else { return nil }
    let entry = window[slot]
    guard settings.batch != nil, entry.form == .event else {
      return LaneSend(
        sequence: entry.sequence, members: [], form: entry.form, attempt: 1, acceptedAt: entry.acceptedAt,
        eventCount: entry.eventCount, slots: [slot], url: settings.url, isProbe: isProbe)
    }
    var slots = [slot]
    addQueued(behind: entry.key, to: &slots, now: now)
    while slots.count < batchSize, window.next?.form == .event, let slot = window.take(at: now) {
      slots.append(slot)
      addQueued(behind: window[slot].key, to: &slots, now: now)
    }
    slots.sort()
    batches[slots[0]] = slots
    return LaneSend(
      sequence: window[slots[0]].sequence, members: slots.map { window[$0].sequence }, form: .batch, attempt: 1,
      acceptedAt: window[slots[0]].acceptedAt, eventCount: slots.count, slots: slots, url: settings.url,
      isProbe: isProbe)
  }

  /// What waits behind one that is in a batch may go with it.
  private mutating func addQueued(behind key: OrderingKey?, to slots: inout [Int], now: Timestamp) {
    guard let key else { return }
    while slots.count < batchSize, let slot = lines[key]?.queued.popFirst() {
      window.markInFlight(slot, at: now)
      slots.append(slot)
    }
  }

  private mutating func retry(isProbe: Bool) -> LaneSend? {
    guard let exception = ready.popFirst() else { return nil }
    if isProbe { lastProbed = exception.first }
    underWay[exception.first] = exception
    return send(exception, isProbe: isProbe)
  }

  /// What is parked goes as it would have gone: one event, or a batch of several, also of several keys.
  private mutating func firstOfRun(isProbe: Bool, now: Timestamp) -> LaneSend? {
    var taken: [(sequence: SequenceNumber, key: OrderingKey, acceptedAt: Timestamp)] = []
    while taken.count < batchSize, let key = readyRuns.popFirst() {
      guard let line = lines[key], let members = line.runs.first?.parkedMembers else { continue }
      let count = min(batchSize - taken.count, line.loaded.count, members.count)
      taken += zip(members.prefix(count), line.loaded).map { ($0, key, $1) }
      lines[key]?.inFlight = count
    }
    taken.sort { $0.sequence < $1.sequence }
    guard let first = taken.first, let last = taken.last else { return nil }
    let exception = DeliveryException(
      first: first.sequence, last: last.sequence, eventCount: taken.count, state: .parked,
      form: settings.batch == nil ? .event : .batch, members: settings.batch == nil ? [] : taken.map(\.sequence),
      keys: taken.map(\.key), acceptedAt: first.acceptedAt, attempts: 0, dueAt: now,
      firstAttemptAt: clock.reading(at: now), endedAt: nil, lastError: "")
    underWay[exception.first] = exception
    return send(exception, isProbe: isProbe)
  }

  private func send(_ exception: DeliveryException, isProbe: Bool) -> LaneSend {
    LaneSend(
      sequence: exception.first, members: exception.form == .batch ? exception.events : [], form: exception.form,
      attempt: exception.attempts + 1,
      acceptedAt: exception.acceptedAt, eventCount: exception.eventCount, slots: [], url: settings.url,
      isProbe: isProbe, replay: exception.replay)
  }
}

// MARK: Probes

extension LaneStateMachine {
  /// Whether something waits that has never been tried.
  var hasUntried: Bool { window.waiting > 0 || !readyRuns.isEmpty }

  var hasExceptionToProbe: Bool { retrying > underWay.count { $0.value.state == .retrying } }

  private var probeSource: Source? {
    let untried: Source? = window.waiting > 0 ? .window : readyRuns.isEmpty ? nil : .runs
    let exception: Source? = ready.isEmpty ? nil : .retries
    guard probesException else { return untried ?? exception }
    return hasExceptionToProbe ? exception : untried
  }
}

extension LaneStateMachine.Source {
  var next: Self {
    switch self {
    case .window: .retries
    case .retries: .runs
    case .runs: .window
    }
  }
}
