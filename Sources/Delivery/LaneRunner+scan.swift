import DequeModule
import GatewayCore

extension LaneRunner {
  /// Fills the window from what has been read, and reads on when that is used up.
  func scan(_ now: Timestamp, _ group: inout DiscardingTaskGroup) {
    guard !isExpiring else { return }
    admitStaged(now)
    // What has been read beyond the end of a replay is not of it.
    guard !isScannedThrough else { return staged.removeAll() }
    lane.waitsForNews = machine.scanCapacity > 0
    guard staged.isEmpty, !isScanning, machine.scanCapacity > 0, windowBytes < Limit.windowBytes,
      now >= journalPausedUntil
    else { return }
    let head = context.journal.head.look(from: machine.scanned, wanted: route.wants)
    guard head.hasWanted else {
      machine.pass(to: min(head.next, scanEnd ?? head.next))
      stagedThrough = machine.scanned
      return
    }
    isScanning = true
    let (reader, route, mailbox) = (reader, route, lane.mailbox)
    let (start, version) = (machine.scanned, version)
    group.addTask {
      let page = await Result { () async throws(JournalError) in
        try await reader.page(from: start, version: version, wanted: route.wants)
      }
      mailbox.post(.scanned(page))
    }
  }

  func acceptPage(_ result: Result<LanePage, JournalError>) {
    isScanning = false
    switch result {
    case .success(let page):
      // What it was read for, or some of it, may have been given up since.
      guard page.version == version, page.start == machine.scanned, !isExpiring else { return }
      staged.append(contentsOf: page.items)
      stagedThrough = max(stagedThrough, page.through)
    case .failure(let error): pauseJournal(error)
    }
  }

  private func admitStaged(_ now: Timestamp) {
    while let item = staged.first, machine.scanCapacity > 0 {
      if let scanEnd, item.first >= scanEnd {
        staged.removeAll()
        break
      }
      switch item {
      case .batch(let batch):
        guard admit(batch, now) else { return }
      case .unreadable(let stored, let reason):
        giveUpUnreadable(stored, reason, now)
      }
      staged.removeFirst()
    }
    if staged.isEmpty { machine.pass(to: min(stagedThrough, scanEnd ?? stagedThrough)) }
  }

  /// Admits what the window has room for and passes over what does not match; returns whether that is all of the batch.
  ///
  /// What is passed over counts as passed like what is admitted: neither is part of the backlog that is still to be read.
  private func admit(_ batch: any DerivedBatch, _ now: Timestamp) -> Bool {
    let subscriber = route.subscriber
    if subscriber.format == .original { return admitWhole(batch, now) }
    let end = min(batch.first + batch.eventCount, scanEnd ?? batch.first + batch.eventCount)
    var next = max(machine.scanned, batch.first)
    while next < end {
      guard machine.scanCapacity > 0 else { return false }
      let index = next - batch.first
      if isWanted(batch, index) {
        hold(batch)
        let key = subscriber.ordering == .key ? batch.orderingKey(at: index) : nil
        machine.admit(
          next, acceptedAt: batch.receivedAt, key: key.map { OrderingKey(app: batch.kind.app, text: $0) }, now: now)
      } else {
        machine.pass(to: next + 1)
      }
      figures.passed += 1
      next = next + 1
    }
    return true
  }

  /// One delivery stands for all events of the callback, if any of them matches.
  private func admitWhole(_ batch: any DerivedBatch, _ now: Timestamp) -> Bool {
    guard machine.scanCapacity > 0 else { return false }
    let start = max(machine.scanned, batch.first)
    guard start < batch.first + batch.eventCount else { return true }
    let indices = (start - batch.first)..<batch.eventCount
    let wanted = indices.count { isWanted(batch, $0) }
    if wanted > 0 {
      hold(batch)
      machine.admit(start, acceptedAt: batch.receivedAt, form: .original, eventCount: wanted, now: now)
    }
    machine.pass(to: batch.first + batch.eventCount)
    figures.passed += indices.count
    return true
  }

  private func isWanted(_ batch: any DerivedBatch, _ index: Int) -> Bool {
    route.subscriber.matches(batch, at: index)
  }

  /// A batch takes up room from its first event on that is admitted: one of which nothing matches takes none.
  private func hold(_ batch: any DerivedBatch) {
    guard windowBatches.last?.first != batch.first else { return }
    windowBatches.append(batch)
    windowBytes += batch.size
  }

  private func giveUpUnreadable(_ stored: StoredBatch, _ reason: String, _ now: Timestamp) {
    let first = max(machine.scanned, stored.first)
    let count = stored.end - first
    guard count > 0 else { return }
    machine.admitDamaged(first, eventCount: count, acceptedAt: stored.receivedAt, reason: reason, now: now)
    figures.passed += count
    recordDead(events: count, EventID(batch: stored.id, index: first - stored.first), reason)
  }

  func dropStaged() {
    staged.removeAll()
    stagedThrough = machine.scanned
  }

  func dropPassedBatches() {
    while let batch = windowBatches.first, batch.first + batch.eventCount <= machine.cursor {
      windowBytes -= batch.size
      windowBatches.removeFirst()
    }
  }

  /// The batch of the window that holds a sequence number.
  func windowBatch(holding sequence: SequenceNumber) -> any DerivedBatch {
    var (low, high) = (windowBatches.startIndex, windowBatches.endIndex)
    while high - low > 1 {
      let middle = (low + high) / 2
      if windowBatches[middle].first <= sequence { low = middle } else { high = middle }
    }
    return windowBatches[low]
  }
}
