import GatewayCore

// A lane that sends history again. It ends where its span ends, and gives way to the subscriber's own lane.

extension LaneRunner {
  /// Where the scan ends; nil: where the journal does.
  var scanEnd: SequenceNumber? { route.replay?.end }

  /// Nothing is left to be read.
  var isScannedThrough: Bool { scanEnd.map { machine.scanned >= $0 } ?? false }

  /// What keeps a replay from sending for now: an operator, or what keeps the subscriber's own lane from it.
  var replayHold: LanePhase? {
    guard let replay = route.replay else { return nil }
    if replay.state == .paused { return .paused }
    // Half open it may have nothing to send, and would stay so.
    guard let phase = lane.follows?.figures.phase, phase != .closed, phase != .halfOpen else { return nil }
    return phase
  }

  /// To be called in each step: it looks after itself at least once a second.
  func followSubscriber(_ now: Timestamp) {
    guard route.replay != nil else { return }
    let isHeld = replayHold != nil
    guard isHeld != isHeldAsReplay else { return }
    isHeldAsReplay = isHeld
    machine.update(route.settings(isHeld: isHeld), now: now)
    nextRetry = Timestamp(milliseconds: .min)
  }

  /// Whether everything of the span is delivered or dead, and that is recorded.
  var isReplayDone: Bool {
    isScannedThrough && staged.isEmpty && machine.unsettled == 0 && machine.waitingEvents == 0
      && machine.inFlight == 0 && !machine.hasUnrecorded && !machine.hasOutstandingSettlement
      && unrecordedAttempts.isEmpty && !isRecordingAttempts && lane.answers.isEmpty
  }
}
