import GatewayCore
import Logging

/// The life of one lane's task: it waits for an earlier one of the same name to have recorded all, opens what the journal
/// has, runs, and says when it has ended.
struct LaneTask: Sendable {
  /// How long it waits before it asks a journal again that has refused to open it.
  static let openingPause = Duration.seconds(1)

  let lane: Lane
  /// The lane of this subscriber before it was removed from the routes, if that has not ended yet.
  let predecessor: Lane?
  let metrics: DeliveryMetrics
  let cache: BatchCache
  let context: DeliveryContext
  /// Called when it has ended.
  let onEnd: @Sendable () async -> Void

  func run() async {
    let reader = LaneReader(lane: lane.record.id, journal: context.journal, cache: cache)
    await predecessor?.ended.wait()
    while !lane.isStopping {
      do throws(JournalError) {
        let runner = try await open(reader)
        await runner.run()
        break
      } catch {
        context.logger.warning(
          "a lane could not be opened",
          metadata: ["subscriber": "\(lane.record.subscriber)", "error": "\(error)"])
        try? await Task.sleep(for: Self.openingPause)
      }
    }
    lane.answers.close()
    lane.ended.open()
    await onEnd()
  }

  /// As the journal has it now; under a lease as it was claimed: since then nobody else has recorded anything, and its
  /// epoch is not another's.
  private func record(_ journal: any Journal) async throws(JournalError) -> LaneRecord {
    guard lane.record.replay != nil else {
      guard lane.record.epoch == nil else { return lane.record }
      return try await journal.openLane(for: lane.record.subscriber, startingAt: lane.record.cursor)
    }
    var record = try await journal.lanes().first { $0.id == lane.record.id } ?? lane.record
    record.epoch = lane.record.epoch
    return record
  }

  private func open(_ reader: LaneReader) async throws(JournalError) -> LaneRunner {
    let (journal, route) = (context.journal, lane.currentRoute)
    let record = try await record(journal)
    let totals = try await reader.totals(below: record.cursor, version: 0, wanted: route.wants)
    // Before anything is sent: what holds back others of its key must be known, and what is not to be sent again.
    let held = try await journal.held(of: record)
    return LaneRunner(
      lane: lane, record: record, route: route, totals: totals, held: held, reader: reader,
      metrics: metrics, context: context)
  }
}
