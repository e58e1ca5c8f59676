import GatewayCore
import Logging

/// The life of one lane's task: it opens what the journal has, runs, and says when it has ended.
struct LaneTask: Sendable {
  /// How long it waits before it asks a journal again that has refused to open it.
  static let openingPause = Duration.seconds(1)

  let lane: Lane
  let metrics: DeliveryMetrics
  let cache: BatchCache
  let context: DeliveryContext

  func run() async {
    let reader = LaneReader(lane: lane.record.id, journal: context.journal, cache: cache)
    while !lane.isStopping {
      do throws(JournalError) {
        let wanted = lane.currentRoute
        let totals = try await reader.totals(below: lane.record.cursor, version: 0, wanted: wanted.wants)
        let exceptions = try await context.journal.exceptionCounts(of: lane.record.id)
        let runner = LaneRunner(
          lane: lane, totals: totals, exceptions: exceptions, reader: reader, metrics: metrics, context: context)
        await runner.run()
        break
      } catch {
        context.logger.warning(
          "a lane could not be opened",
          metadata: ["subscriber": "\(lane.record.subscriber)", "error": "\(error)"])
        try? await Task.sleep(for: Self.openingPause)
      }
    }
    lane.ended.open()
  }
}
