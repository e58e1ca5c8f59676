import CoreMetrics
import GatewayCore
import Logging

extension LaneRunner {
  /// Looks after what grows old: dead letters and undelivered events that have been kept long enough.
  func keepHouse(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard now >= nextHousekeeping else { return }
    nextHousekeeping = now + Limit.housekeepingInterval
    dropUnneededEvents()
    guard now >= journalPausedUntil else { return }
    refreshExceptions(&group)
    guard now >= nextSweep else { return }
    nextSweep = now + Limit.sweepInterval
    let (journal, mailbox, id) = (context.journal, lane.mailbox, lane.record.id)
    let replay = route.replay
    let (cutoff, lowest) = (now - route.subscriber.keep, figures.lowestNeeded)
    trimAttempts(since: cutoff, &group)
    group.addTask {
      _ = try? await journal.deleteDeadLetters(
        of: id, endedBefore: cutoff, limit: Limit.deadLettersDeletedAtOnce)
      // A replay may well be of what is older; it is given up when it has itself been kept too long.
      if let replay, replay.createdAt >= cutoff { return }
      guard let limit = try? await journal.position(receivedAtOrAfter: cutoff), limit > lowest else { return }
      mailbox.post(
        .expire(
          below: min(limit, replay?.end ?? limit), reason: "not delivered within the time it is kept", alsoDead: false))
    }
  }

  private func refreshExceptions(_ group: inout DiscardingTaskGroup) {
    // A count that was under way when one died has to be put right.
    guard machine.waitingEvents + figures.deadLetters + figures.dead > 0 else {
      figures.lowestNeeded = machine.cursor
      return
    }
    let (journal, mailbox, id) = (context.journal, lane.mailbox, lane.record.id)
    group.addTask {
      let counts = await Result { () async throws(JournalError) in try await journal.exceptionCounts(of: id) }
      mailbox.post(.exceptionsCounted(counts))
    }
  }

  func acceptExceptionCounts(_ result: Result<ExceptionCounts, JournalError>) {
    switch result {
    case .success(let counts):
      figures.deadLetters = counts.dead
      figures.lowestNeeded = min(machine.cursor, counts.lowestPinned ?? machine.cursor)
      figures.oldestKnown = [machine.oldestInWindow, counts.oldestWaiting].compactMap(\.self).min()
    case .failure(let error): pauseJournal(error)
    }
  }

  func readExpiry(below limit: SequenceNumber, _ reason: String, alsoDead: Bool, _ group: inout DiscardingTaskGroup) {
    guard phase == .running else { return }
    // What is read to be sent again must not be given up meanwhile.
    guard !isExpiring, !isReviving else {
      if limit > waitingExpiry?.limit ?? .first { waitingExpiry = (limit, reason, alsoDead) }
      return
    }
    isExpiring = true
    machine.beginExpiry()
    isRetryLoadStale = isLoadingRetries
    dropStaged()
    let (reader, mailbox, route) = (reader, lane.mailbox, route)
    let (scanned, now) = (machine.scanned, context.clock())
    group.addTask {
      let expiry = await Result { () async throws(JournalError) in
        try await reader.expiry(
          below: limit, scanned: scanned, reason: reason, alsoDead: alsoDead, wanted: route.wants, now: now)
      }
      mailbox.post(.expiryRead(expiry))
    }
  }

  func expireWhatWaits(_ group: inout DiscardingTaskGroup) {
    guard let (limit, reason, alsoDead) = waitingExpiry else { return }
    waitingExpiry = nil
    readExpiry(below: limit, reason, alsoDead: alsoDead, &group)
  }

  func acceptExpiry(_ result: Result<LaneExpiry, JournalError>) {
    isExpiring = false
    switch result {
    case .success(let expiry):
      let count = machine.expire(
        below: expiry.limit, exceptions: expiry.exceptions, unscanned: expiry.unscanned,
        acceptedAt: expiry.acceptedAt, reason: expiry.reason, now: context.clock())
      figures.passed += expiry.unscanned
      stagedThrough = machine.scanned
      dropUnneededEvents()
      // What was ready and has not been given up is to be loaded again.
      nextRetry = Timestamp(milliseconds: .min)
      guard count > 0 else { return }
      figures.expired += count
      metrics.expired.increment(by: count)
      logger.error(
        "events have expired undelivered",
        metadata: ["events": "\(count)", "below": "\(expiry.limit)", "reason": "\(expiry.reason)"])
    case .failure(let error):
      machine.cancelExpiry()
      pauseJournal(error)
    }
  }
}
