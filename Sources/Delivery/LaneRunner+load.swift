import GatewayCore

extension LaneRunner {
  /// Reads what is to be sent and is not in the window: due retries, a probe, parked events.
  func load(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard !isExpiring, now >= journalPausedUntil else { return }
    loadRetries(now, &group)
    loadProbe(now, &group)
    loadRuns(&group)
  }

  private func loadRetries(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard !isLoadingRetries, nextRetry <= now, machine.retrying > 0 else { return }
    let limit = machine.retryCapacity
    guard limit > 0, hasRoomToLoad else { return }
    isLoadingRetries = true
    // What is committed while the load is under way brings this down again, and the load's own answer does too.
    nextRetry = Timestamp(milliseconds: .max)
    let (reader, mailbox, held) = (reader, lane.mailbox, machine.heldExceptions)
    group.addTask {
      let retries = await Result { () async throws(JournalError) in
        try await reader.dueRetries(by: now, limit: limit, excluding: held)
      }
      mailbox.post(.retriesLoaded(retries))
    }
  }

  private func loadProbe(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard !isLoadingRetries, let number = machine.probeToLoad(now: now) else { return }
    isLoadingRetries = true
    let (reader, mailbox, held) = (reader, lane.mailbox, machine.heldExceptions)
    group.addTask {
      let probe = await Result { () async throws(JournalError) in
        try await reader.probe(after: number, excluding: held)
      }
      mailbox.post(.probeLoaded(probe))
    }
  }

  private func loadRuns(_ group: inout DiscardingTaskGroup) {
    guard !isLoadingRuns, machine.hasRunTurn, hasRoomToLoad else { return }
    isLoadingRuns = true
    let (reader, mailbox, turns) = (reader, lane.mailbox, machine.takeRunTurns())
    group.addTask {
      let runs = await Result { () async throws(JournalError) in try await reader.runs(turns) }
      mailbox.post(.runsLoaded(turns, runs))
    }
  }

  func acceptRetries(_ result: Result<LaneRetries, JournalError>) {
    isLoadingRetries = false
    guard !isRetryLoadStale else {
      isRetryLoadStale = false
      nextRetry = Timestamp(milliseconds: .min)
      return
    }
    switch result {
    case .success(let retries):
      if let next = retries.nextDue { nextRetry = min(nextRetry, next) }
      keep(retries)
      machine.admitRetries(retries.readable.map(\.exception))
      giveUpUnreadable(retries)
    case .failure(let error):
      nextRetry = Timestamp(milliseconds: .min)
      pauseJournal(error)
    }
  }

  func acceptProbe(_ result: Result<LaneRetries, JournalError>) {
    isLoadingRetries = false
    guard !isRetryLoadStale else { return isRetryLoadStale = false }
    switch result {
    case .success(let probe):
      keep(probe)
      machine.admitProbe(probe.readable.first?.exception, now: context.clock())
      giveUpUnreadable(probe)
    case .failure(let error): pauseJournal(error)
    }
  }

  private func keep(_ retries: LaneRetries) {
    let held = machine.heldExceptions
    for (exception, events) in retries.readable where !held.contains(exception.first) {
      loadedEvents.merge(events) { _, new in new }
    }
  }

  private func giveUpUnreadable(_ retries: LaneRetries) {
    let held = machine.heldExceptions
    for (exception, reason) in retries.unreadable where !held.contains(exception.first) {
      machine.giveUp(exception, reason: reason, now: context.clock())
      recordDead(events: exception.eventCount, nil, reason)
    }
  }

  func acceptRuns(_ turns: [ParkedTurn], _ result: Result<[LaneRun], JournalError>) {
    isLoadingRuns = false
    switch result {
    case .success(let runs): for run in runs { accept(run) }
    case .failure(let error):
      for turn in turns { machine.runNotLoaded(turn) }
      pauseJournal(error)
    }
  }

  private func accept(_ run: LaneRun) {
    if let reason = run.unreadable {
      if machine.giveUpFirst(of: run.turn, members: run.members, reason: reason, now: context.clock()) {
        recordDead(events: 1, nil, reason)
      }
    } else if run.loaded.isEmpty {
      machine.runNotLoaded(run.turn)
    } else {
      let times = run.members.compactMap { run.loaded[$0]?.receivedAt }
      guard machine.admitRun(run.turn, members: run.members, loaded: times) else { return }
      loadedEvents.merge(run.loaded) { _, new in new }
    }
  }

  /// Lets go of loaded events that are no longer about to be sent.
  func dropUnneededEvents() {
    guard !loadedEvents.isEmpty else { return }
    let kept = machine.eventsToKeep
    loadedEvents = loadedEvents.filter { kept.contains($0.key) }
  }
}
