import DequeModule
import GatewayCore

// What operators ask of a lane. Each is answered when it is on disk.

extension LaneRunner {
  func pause(_ answer: LaneAnswer) {
    machine.pause(now: context.clock())
    answerOnceRecorded(answer, LaneOutcome())
  }

  func resume(_ answer: LaneAnswer) {
    machine.resume(now: context.clock())
    nextRetry = Timestamp(milliseconds: .min)
    answerOnceRecorded(answer, LaneOutcome())
  }

  /// One after the other, each when the one before is on disk: what is read must show what that has changed.
  func revive(_ firsts: [SequenceNumber], as replay: ReplayID, _ answer: LaneAnswer, _ group: inout DiscardingTaskGroup)
  {
    guard phase == .running else { return end(answer, .failure(.closed)) }
    waitingRevivals.append((firsts, replay, answer))
    readNextRevival(&group)
  }

  func readNextRevival(_ group: inout DiscardingTaskGroup) {
    guard !isReviving, !isExpiring, !machine.hasOutstandingSettlement, answersWaiting.isEmpty,
      let (firsts, replay, answer) = waitingRevivals.popFirst()
    else { return }
    isReviving = true
    let (journal, mailbox, id) = (context.journal, lane.mailbox, lane.record.id)
    group.addTask {
      let read = await Result { () async throws(JournalError) in
        var found: [DeliveryException] = []
        for first in firsts {
          if let exception = try await journal.exception(of: id, at: first) { found.append(exception) }
        }
        return found
      }
      mailbox.post(.revivalRead(read, replay, answer))
    }
  }

  func acceptRevival(
    _ result: Result<[DeliveryException], JournalError>, _ replay: ReplayID, _ answer: LaneAnswer,
    _ group: inout DiscardingTaskGroup
  ) {
    isReviving = false
    defer { expireWhatWaits(&group) }
    switch result {
    case .success(let exceptions):
      let now = context.clock()
      let revived = machine.revive(exceptions, as: replay, now: now)
      answerOnceRecorded(
        answer, LaneOutcome(exceptions: revived.count, events: revived.reduce(0) { $0 + $1.eventCount }))
    case .failure(let error): end(answer, .failure(error))
    }
  }

  private func answerOnceRecorded(_ answer: LaneAnswer, _ outcome: LaneOutcome) {
    if machine.hasUnrecorded {
      answersWaiting.append((answer, outcome))
    } else if machine.hasOutstandingSettlement {
      answersOutstanding.append((answer, outcome))
    } else {
      end(answer, .success(outcome))
    }
  }

  /// What waits is in the settlement that has just been taken.
  func answersTaken() {
    answersOutstanding += answersWaiting
    answersWaiting = []
  }

  func giveAnswers(_ failure: JournalError?) {
    for (answer, outcome) in answersOutstanding { end(answer, failure.map { .failure($0) } ?? .success(outcome)) }
    answersOutstanding = []
  }

  private func end(_ answer: LaneAnswer, _ value: LaneAnswer.Value) {
    lane.answers.remove(answer)
    answer.give(value)
  }
}
