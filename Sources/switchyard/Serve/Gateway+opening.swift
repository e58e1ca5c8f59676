import CoreMetrics
import GatewayCore
import Logging
import OpenSSLSigner
import PrometheusMetrics
import SQLiteJournal
import Spool

/// What the gateway keeps things in.
extension Gateway {
  /// The spool, and the file it is in.
  struct OpenSpool {
    var spool: Spool
    var store: any Journal
  }

  /// The spool before a journal, if there is to be one.
  static func openSpool(
    before journal: any Journal, _ settings: ServeSettings, _ clock: @escaping WallClock,
    _ logger: Logger, _ registry: PrometheusRegistry
  ) async throws(JournalError) -> OpenSpool? {
    guard let path = settings.spool else { return nil }
    do throws(JournalError) {
      var own = logger
      own[metadataKey: "journal"] = "spool"
      // Its commits are no commits of the journal, whose figures they would spoil.
      let store = try await SQLiteJournal.open(
        path: path, digest: OpenSSLDigest(), clock: clock, logger: own, metrics: NOOPMetricsHandler.instance,
        onFatal: LastWord.end)
      let spool = try await Spool.open(
        before: journal, mark: journal.mark, store: store, limits: SpoolLimits(ackDeadline: settings.ackDeadline),
        clock: clock, logger: logger, metrics: registry)
      return OpenSpool(spool: spool, store: store)
    } catch {
      throw .unavailable("the spool \(path) cannot be used: \(error)")
    }
  }
}
