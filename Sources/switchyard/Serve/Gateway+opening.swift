import CoreMetrics
import GatewayCore
import Logging
import OpenSSLSigner
import PostgresJournal
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

  static func open(
    _ location: JournalLocation, _ digest: OpenSSLDigest, _ clock: @escaping WallClock, _ logger: Logger,
    _ registry: PrometheusRegistry
  ) async throws(JournalError) -> any Journal {
    switch location {
    case .sqlite(let path):
      let journal = try await SQLiteJournal.open(
        path: path, digest: digest, clock: clock, logger: logger, metrics: registry, onFatal: LastWord.end)
      guard try await !Spool.isSpool(journal) else {
        throw .unavailable("\(path) is the spool of a gateway and not a journal; use another file")
      }
      return journal
    case .postgres(let url):
      return try await PostgresJournal.open(
        PostgresAddress(url: url, shown: location.shown), digest: digest, clock: clock, logger: logger,
        metrics: registry)
    }
  }

  /// The spool before a journal, if there is to be one.
  static func openSpool(
    before journal: any Journal, _ settings: ServeSettings, _ digest: OpenSSLDigest, _ clock: @escaping WallClock,
    _ logger: Logger, _ registry: PrometheusRegistry
  ) async throws(JournalError) -> OpenSpool? {
    guard let path = settings.spool else { return nil }
    do throws(JournalError) {
      var own = logger
      own[metadataKey: "journal"] = "spool"
      // Its commits are no commits of the journal, whose figures they would spoil.
      let store = try await SQLiteJournal.open(
        path: path, digest: digest, clock: clock, logger: own, metrics: NOOPMetricsHandler.instance,
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
