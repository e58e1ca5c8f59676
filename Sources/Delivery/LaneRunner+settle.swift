import GatewayCore

extension LaneRunner {
  /// Records what has changed: at most every `settlementInterval` of the journal, and at once when the lane is about to end.
  func settle(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard lane.isOwned, machine.hasUnrecorded || !unrecordedAttempts.isEmpty, now >= journalPausedUntil,
      now >= nextSettlement || phase == .stopping
    else { return }
    if var settlement = machine.takeSettlement(for: lane.record.id) {
      settlement.epoch = lane.record.epoch
      settlement.attempts = takeAttempts()
      answersTaken()
      let due = settlement.written.lazy.filter { $0.state == .retrying }.map(\.dueAt).min()
      earliestOutstandingRetry = [due, settlement.dueBy].compactMap(\.self).min()
      commit(settlement, &group) { .settled($0) }
    } else if !machine.hasOutstandingSettlement, !isRecordingAttempts {
      isRecordingAttempts = true
      let settlement = Settlement(lane: lane.record.id, epoch: lane.record.epoch, attempts: takeAttempts())
      commit(settlement, &group) { .attemptsRecorded($0) }
    } else {
      return
    }
    nextSettlement = now + context.journal.settlementInterval
  }

  private func commit(
    _ settlement: Settlement, _ group: inout DiscardingTaskGroup,
    _ message: @escaping @Sendable (Result<Void, JournalError>) -> LaneMessage
  ) {
    let (journal, mailbox) = (context.journal, lane.mailbox)
    group.addTask {
      mailbox.post(message(await Result { () async throws(JournalError) in try await journal.settle(settlement) }))
    }
  }

  private func takeAttempts() -> [AttemptRecord] {
    defer { unrecordedAttempts = [] }
    if !unrecordedAttempts.isEmpty { hasAttempts = true }
    return unrecordedAttempts
  }

  func acceptSettlement(_ result: Result<Void, JournalError>) {
    switch result {
    case .success:
      machine.settlementCommitted()
      giveAnswers(nil)
      // Only now can the rows be loaded again, so only now is it worth waking up for them.
      if let due = earliestOutstandingRetry { nextRetry = min(nextRetry, due) }
    case .failure(let error):
      machine.settlementFailed()
      giveAnswers(error)
      refused(error)
    }
  }

  /// Attempts that the journal has refused are not kept: they are a help, and nothing depends on them.
  func acceptAttempts(_ result: Result<Void, JournalError>) {
    isRecordingAttempts = false
    if case .failure(let error) = result { refused(error) }
  }

  private func refused(_ error: JournalError) {
    pauseJournal(error)
    // A journal that is closed takes nothing more: what is lost repeats deliveries, and loses none.
    if error == .closed { phase = .ended }
  }
}
