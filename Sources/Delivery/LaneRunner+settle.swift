import GatewayCore

extension LaneRunner {
  /// Records what has changed: at most every `settlementInterval`, and at once when the lane is about to end.
  func settle(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard machine.hasUnrecorded, now >= journalPausedUntil, now >= nextSettlement || phase == .stopping,
      let settlement = machine.takeSettlement(for: lane.record.id)
    else { return }
    nextSettlement = now + Limit.settlementInterval
    earliestOutstandingRetry = settlement.written.lazy.filter { $0.state == .retrying }.map(\.dueAt).min()
    let (journal, mailbox) = (context.journal, lane.mailbox)
    group.addTask {
      mailbox.post(.settled(await Result { () async throws(JournalError) in try await journal.settle(settlement) }))
    }
  }

  func acceptSettlement(_ result: Result<Void, JournalError>) {
    switch result {
    case .success:
      machine.settlementCommitted()
      // Only now can the rows be loaded again, so only now is it worth waking up for them.
      if let due = earliestOutstandingRetry { nextRetry = min(nextRetry, due) }
    case .failure(let error):
      machine.settlementFailed()
      pauseJournal(error)
      // A journal that is closed takes nothing more: what is lost repeats deliveries, and loses none.
      if error == .closed { phase = .ended }
    }
  }

  func loadRetries(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard !isLoadingRetries, !isExpiring, nextRetry <= now, now >= journalPausedUntil, machine.retrying > 0 else {
      return
    }
    let limit = machine.retryCapacity
    guard limit > 0, retryBytes < LaneReader.Limit.retryBytes else { return }
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

  /// What the batches of loaded retries take, each counted once.
  private var retryBytes: Int {
    var sizes: [SequenceNumber: Int] = [:]
    for batch in retryBatches.values { sizes[batch.first] = batch.size }
    return sizes.values.reduce(0, +)
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
      let held = machine.heldExceptions
      for (exception, batch) in retries.readable where !held.contains(exception.first) {
        retryBatches[exception.first] = batch
      }
      machine.admitRetries(retries.readable.map(\.exception))
      for (exception, reason) in retries.unreadable where !held.contains(exception.first) {
        machine.giveUp(exception, reason: reason, now: context.clock())
        recordDead(events: exception.eventCount, nil, reason)
      }
    case .failure(let error):
      nextRetry = Timestamp(milliseconds: .min)
      pauseJournal(error)
    }
  }
}
