import GatewayCore

extension LaneRunner {
  /// Beyond this the answer to a failure is not kept.
  private static let keptAnswer = 2048

  /// Tells those who watch, and keeps what is worth looking up later: all for a while, and in the journal failures and
  /// what went well after one.
  func remember(_ send: LaneSend, _ result: AttemptResult, _ verdict: LaneVerdict, _ now: Timestamp) {
    let batch = send.form == .original || context.feed.hasListeners ? knownBatch(of: send) : nil
    let record = record(send, result, batch, now)
    lane.attempts.append(record)
    if result.outcome != .success || send.attempt > 1, unrecordedAttempts.count < Limit.unrecordedAttempts {
      unrecordedAttempts.append(record)
    }
    guard context.feed.hasListeners else { return }
    context.feed.publish(
      AttemptNotice(
        subscriber: lane.record.subscriber, record: record,
        event: batch.map { EventID(batch: $0.id, index: send.sequence - $0.first) }, kind: batch?.kind))
  }

  private func record(_ send: LaneSend, _ result: AttemptResult, _ batch: (any DerivedBatch)?, _ now: Timestamp)
    -> AttemptRecord
  {
    var last = send.members.last ?? send.sequence
    if send.form == .original, let batch { last = batch.first + (batch.eventCount - 1) }
    return AttemptRecord(
      at: now, first: send.sequence, last: last, members: send.members.count > 1 ? send.members : [],
      eventCount: send.eventCount, attempt: send.attempt, outcome: result.outcome, status: result.status,
      duration: result.duration, error: result.error, answer: answer(result),
      replay: send.replay ?? lane.record.replay)
  }

  private func answer(_ result: AttemptResult) -> AttemptResult.Answer? {
    guard result.outcome != .success, let answer = result.answer else { return nil }
    guard answer.body.count > Self.keptAnswer else { return answer }
    return AttemptResult.Answer(body: Array(answer.body.prefix(Self.keptAnswer)), isCut: true)
  }

  /// Forgets the oldest attempts beyond those that are kept.
  func trimAttempts(since moment: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard hasAttempts else { return }
    hasAttempts = false
    let (journal, id, mailbox) = (context.journal, lane.record.id, lane.mailbox)
    group.addTask {
      let areLeft = try? await journal.trimAttempts(of: id, keeping: Limit.keptAttempts, since: moment)
      if areLeft ?? true { mailbox.post(.attemptsLeft) }
    }
  }
}
