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

}
