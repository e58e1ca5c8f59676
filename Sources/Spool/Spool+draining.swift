import GatewayCore
import Logging
import Synchronization

/// Into the journal, in order, with what a former run has left first.
extension Spool {
  private enum Step { case progress, nothing, failure }

  /// Drains until `stop`. What is left then stays for the next start.
  package func run() async {
    progress.withLock { $0.isRunning = true }
    var pause = limits.shortestPause
    var trimAt = ContinuousClock.now
    var retryAt = ContinuousClock.now
    while !isStopping {
      let step = await drainSome()
      await settle()
      if isShortOfRoom || trimAt <= .now {
        await trim()
        trimAt = .now + limits.trimInterval
      }
      switch step {
      case .progress: pause = limits.shortestPause
      case .nothing:
        if retryAt <= .now {
          await retrySetAside()
          retryAt = .now + Self.retryInterval
        }
        await wait(limits.trimInterval, isIdle: true)
      case .failure:
        await wait(pause, isIdle: false)
        pause = min(pause * 2, limits.longestPause)
      }
    }
    let left = depth
    if left > 0 {
      logger.notice("callbacks stay in the spool until the next start", metadata: ["spool.callbacks": "\(left)"])
    }
    for waiter in progress.withLock({ progress in
      progress.isRunning = false
      return progress.stopped
    }) { waiter.resume() }
  }

  /// Returns when draining has ended: nothing of the spool is used then but `append`, which fails once its journals are
  /// closed.
  package func stop() async {
    await withCheckedContinuation { waiter in
      let isRunning = progress.withLock { progress in
        progress.isStopping = true
        if progress.isRunning { progress.stopped.append(waiter) }
        return progress.isRunning
      }
      wake.yield()
      if !isRunning { waiter.resume() }
    }
  }

  /// How often what was set aside is tried again.
  private static let retryInterval = Duration.seconds(600)

  private var isStopping: Bool { progress.withLock { $0.isStopping } }
  private var isShortOfRoom: Bool { progress.withLock { $0.isShortOfRoom } }
  private var left: Int { store.head.next - progress.withLock { $0.position } }
  private var isJournalUp: Bool { gate.withLock { $0.isJournalUp } }

  private func drainSome() async -> Step {
    if left <= limits.handOverBelow, isJournalUp, gate.withLock({ $0.beginHandOver() }) { return await handOver() }
    if left > 0 { return await drain(isJournalUp ? limits.window : 1, by: .now + limits.drainDeadline) }
    guard gate.withLock({ $0.phase != .direct }) else { return .nothing }
    // Neither has taken the last callbacks.
    return await probe() ? .progress : .failure
  }

  /// New callbacks are held while the last are drained, and then follow them straight into the journal.
  private func handOver() async -> Step {
    let end = ContinuousClock.now + limits.handOverTime
    while gate.withLock({ $0.storing > 0 }), .now < end { try? await Task.sleep(for: .milliseconds(1)) }
    var step = Step.progress
    while step == .progress, left > 0, .now < end { step = await drain(limits.window, by: end) }
    guard left == 0, let held = gate.withLock({ $0.finishHandOver() }) else {
      for append in gate.withLock({ $0.cancelHandOver() }) { sendToSpool(append) }
      return .failure
    }
    for append in held { sendToJournal(append) }
    logger.notice("callbacks go straight to the journal again")
    return .progress
  }

  /// Appends the next ones to the journal; what is not known to be there is appended again, and found by its id.
  private func drain(_ count: Int, by deadline: ContinuousClock.Instant) async -> Step {
    let start = progress.withLock { $0.position }
    let page: JournalPage
    do throws(JournalError) {
      page = try await store.read(from: start, limit: ReadLimit(batches: count, bytes: limits.windowBytes)) { _ in true
      }
    } catch {
      logger.error("the spool cannot be read", metadata: ["error": "\(error)"])
      _ = await probe()
      return .failure
    }
    let stored = (page.batches + page.damaged).sorted { $0.first < $1.first }
    let damaged = Set(page.damaged.map(\.first))
    let originals = stored.map { damaged.contains($0.first) ? nil : SpooledBatch.original($0) }
    var outcomes = await AppendWindow.append(originals.compactMap(\.self), to: journal, deadline: deadline)[...]
    for (batch, original) in zip(stored, originals) {
      guard original != nil, let outcome = outcomes.popFirst() else {
        setAside(batch, "what the spool holds of it is damaged")
        continue
      }
      switch outcome {
      case .success: passed(batch)
      case .failure(.refused(let reason)): setAside(batch, reason)
      case .failure(let error): return await failed(batch, error)
      }
    }
    progress.withLock { $0.position = max($0.position, page.through) }
    return .progress
  }

  private func passed(_ batch: StoredBatch) {
    gate.withLock { $0.journalTook() }
    progress.withLock { ($0.position, $0.failuresOfFirst) = (batch.end, 0) }
  }

  /// The journal may be away, which is waited for; or it takes everything but this callback, which must not hold up the
  /// others for ever.
  private func failed(_ batch: StoredBatch, _ error: JournalError) async -> Step {
    gate.withLock { $0.drainFailed(error) }
    guard case .unavailable(let reason) = error, (try? await journal.checkWritable()) != nil else {
      progress.withLock { $0.failuresOfFirst = 0 }
      return .failure
    }
    let failures = progress.withLock { progress in
      progress.failuresOfFirst += 1
      return progress.failuresOfFirst
    }
    if failures >= limits.failuresOfOne { setAside(batch, reason) }
    return .failure
  }

  private func setAside(_ batch: StoredBatch, _ reason: String) {
    logger.error(
      "a spooled callback is set aside", metadata: ["callback": "\(batch.id)", "error": "\(reason)"])
    let now = clock()
    let exception = DeliveryException(
      first: batch.first, last: batch.first, state: .dead, acceptedAt: batch.receivedAt, attempts: 1, dueAt: now,
      firstAttemptAt: now, endedAt: now, lastError: reason)
    progress.withLock { progress in
      progress.newlySetAside.append(exception)
      (progress.position, progress.failuresOfFirst) = (batch.end, 0)
    }
  }

  private func probe() async -> Bool {
    do throws(JournalError) {
      try await journal.checkWritable()
      gate.withLock { $0.journalTook() }
      return true
    } catch {
      gate.withLock { $0.drainFailed(error) }
      return false
    }
  }

  /// - Parameter isIdle: Whether a callback that is spooled ends the wait.
  private func wait(_ time: Duration, isIdle: Bool) async {
    let end = ContinuousClock.now + time
    progress.withLock { $0.isIdle = isIdle }
    defer { progress.withLock { $0.isIdle = false } }
    // One that came while nobody waited for it.
    if isIdle, left > 0 { return }
    let timer = Task { [wake] in if (try? await Task.sleep(until: end)) != nil { wake.yield() } }
    defer { timer.cancel() }
    for await _ in wakes where isIdle || isStopping || end <= .now { return }
    // The task was cancelled.
    progress.withLock { $0.isStopping = true }
  }
}

/// What the spool keeps on disk of itself.
extension Spool {
  /// Makes durable how far it has been drained. Losing that appends some callbacks twice, the second time as repeats.
  private func settle() async {
    let (position, settled, setAside) = progress.withLock { ($0.position, $0.settled, $0.newlySetAside) }
    guard position > settled || !setAside.isEmpty else { return }
    do throws(JournalError) {
      try await store.settle(Settlement(lane: lane, cursor: position, written: setAside))
      progress.withLock { progress in
        progress.settled = position
        progress.setAside += setAside.count
        progress.newlySetAside.removeFirst(setAside.count)
      }
    } catch {
      logger.warning("the spool's position cannot be written", metadata: ["error": "\(error)"])
    }
  }

  private func trim() async {
    let (settled, isShort) = progress.withLock { progress in
      defer { progress.isShortOfRoom = false }
      return (progress.settled, progress.isShortOfRoom)
    }
    let moment = isShort ? Timestamp(milliseconds: .max) : clock() - limits.keptFor
    do throws(JournalError) {
      while try await store.trim(below: settled, receivedBefore: moment, limit: limits.trimmedAtOnce)
        == limits.trimmedAtOnce
      {}
    } catch {
      logger.warning("the spool could not be trimmed", metadata: ["error": "\(error)"])
    }
  }

  /// What the journal has refused may have been mended there.
  private func retrySetAside() async {
    guard progress.withLock({ $0.setAside > 0 }) else { return }
    do throws(JournalError) {
      for exception in try await store.deadLetters(of: lane, from: .first, limit: limits.window) {
        guard let batch = try await store.batch(at: exception.first).flatMap(SpooledBatch.original) else { continue }
        do throws(JournalError) {
          _ = try await journal.append(batch, deadline: .now + limits.drainDeadline)
        } catch .refused {
          continue
        }
        try await store.settle(Settlement(lane: lane, removed: [exception.first]))
        progress.withLock { $0.setAside -= 1 }
      }
    } catch {
      logger.warning("what the spool has set aside cannot be appended", metadata: ["error": "\(error)"])
    }
  }
}
