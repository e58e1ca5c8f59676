import CoreMetrics
import GatewayCore
import Logging

extension LaneRunner {
  func sendWhatMayGo(_ now: Timestamp) {
    while lane.isOwned, let send = machine.nextSend(now: now) {
      let request = request(for: send, now)
      let mailbox = lane.mailbox
      context.transport.send(request) { result in mailbox.post(.finished(send, result)) }
    }
  }

  private func request(for send: LaneSend, _ now: Timestamp) -> OutboundRequest {
    let batch = batch(of: send.sequence, send)
    var request = route.request.request(
      for: send.events, as: send.form, attempt: send.attempt, token: route.tokens[batch.kind.app], now: now
    ) { self.batch(of: $0, send) }
    if let replay = send.replay ?? lane.record.replay {
      request.headers.append((name: DeliveryRequest.replayHeader, value: replay.description))
    }
    request.group = lane.requests
    return request
  }

  private func batch(of sequence: SequenceNumber, _ send: LaneSend) -> any DerivedBatch {
    if send.isFromWindow { return windowBatch(holding: sequence) }
    guard let batch = loadedEvents[sequence] else { preconditionFailure("a retry is admitted together with its batch") }
    return batch
  }

  func finish(_ send: LaneSend, _ result: AttemptResult) {
    let now = context.clock()
    let result = judged(result, of: send)
    let verdict = machine.finish(send, result: result, now: now, fraction: Double.random(in: 0...1))
    metrics.record(result)
    figures.attempts[result.outcome, default: 0] += 1
    log(send, result, verdict)
    remember(send, result, verdict, now)
    switch verdict {
    case .delivered:
      figures.delivered += send.eventCount
      // What is sent again late says nothing of how fast deliveries are.
      let isReplayed = send.replay ?? lane.record.replay != nil
      metrics.recordDelivery(events: send.eventCount, lag: isReplayed ? nil : now - send.acceptedAt)
    // A retry that was put back is in the journal as it was, and no settlement will tell of it.
    case .owed: nextRetry = Timestamp(milliseconds: .min)
    case .retry, .halved: break
    case .dead: recordDead(events: send.eventCount, event(of: send), result.error ?? result.outcome.rawValue)
    }
    if !loadedEvents.isEmpty { for event in send.events { loadedEvents[event] = nil } }
  }

  /// Not every 2xx takes a whole callback.
  private func judged(_ result: AttemptResult, of send: LaneSend) -> AttemptResult {
    guard send.form == .original, result.outcome == .success, let status = result.status else { return result }
    let answer = result.answer ?? AttemptResult.Answer(body: [], isCut: false)
    guard let refusal = context.forwarder.refusal(in: answer, status: status) else { return result }
    var refused = result
    refused.outcome = .other
    refused.error = refusal
    return refused
  }

  func recordDead(events count: Int, _ event: EventID?, _ reason: String) {
    figures.dead += count
    figures.deadLetters += count
    metrics.dead.increment(by: count)
    logger.info(
      "a delivery is dead",
      metadata: [
        "event.id": "\(event.map(String.init(describing:)) ?? "-")", "events": "\(count)", "error": "\(reason)",
      ])
  }

  private func log(_ send: LaneSend, _ result: AttemptResult, _ verdict: LaneVerdict) {
    let hasFailed = result.outcome != .success
    successesInRow = hasFailed ? 0 : successesInRow + 1
    let isNews = hasFailed ? !isFailing : isFailing && successesInRow == Limit.recovery
    if isNews { isFailing = hasFailed }
    let level: Logger.Level = isNews ? .info : .debug
    guard level >= logger.logLevel else { return }
    var metadata: Logger.Metadata = [
      "event.id": "\(event(of: send).map(String.init(describing:)) ?? "-")", "attempt": "\(send.attempt)",
      "outcome": "\(result.outcome.rawValue)", "duration.ms": "\(result.duration.milliseconds)",
    ]
    if send.form != .event { metadata["events"] = "\(send.eventCount)" }
    if let status = result.status { metadata["http.status"] = "\(status)" }
    if let error = result.error { metadata["error"] = "\(error)" }
    if case .retry(let moment) = verdict { metadata["retry.at"] = "\(moment)" }
    switch (level, hasFailed) {
    case (.info, true): logger.info("deliveries have begun to fail", metadata: metadata)
    case (.info, false): logger.info("deliveries succeed again", metadata: metadata)
    default: logger.debug("attempt", metadata: metadata)
    }
  }

  private func event(of send: LaneSend) -> EventID? {
    knownBatch(of: send).map { EventID(batch: $0.id, index: send.sequence - $0.first) }
  }

  /// The batch of its first event; nil if that has been let go of since.
  func knownBatch(of send: LaneSend) -> (any DerivedBatch)? {
    let batch = loadedEvents[send.sequence] ?? (windowBatches.isEmpty ? nil : windowBatch(holding: send.sequence))
    guard let batch, batch.first <= send.sequence, send.sequence < batch.first + batch.eventCount else { return nil }
    return batch
  }
}
