import CoreMetrics
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import PostgresJournal
import SQLiteJournal
import Spool

extension JournalLocation {
  /// Opens the journal, made if there is none.
  func open(clock: @escaping WallClock, logger: Logger, metrics: any MetricsFactory)
    async throws(JournalError) -> any Journal & JournalTransfer
  {
    switch self {
    case .sqlite(let path):
      let journal = try await SQLiteJournal.open(
        path: path, digest: OpenSSLDigest(), clock: clock, logger: logger, metrics: metrics, onFatal: LastWord.end)
      guard try await !Spool.isSpool(journal) else {
        await journal.close()
        throw .unavailable("\(path) is the spool of a gateway and not a journal; use another file")
      }
      return journal
    case .postgres(let url):
      return try await PostgresJournal.open(
        PostgresAddress(url: url, shown: shown), digest: OpenSSLDigest(), clock: clock, logger: logger,
        metrics: metrics, onFatal: LastWord.end)
    }
  }

  /// Whether there is surely nothing to be opened.
  var isMissing: Bool {
    guard case .sqlite(let path) = self else { return false }
    return !FileManager.default.fileExists(atPath: path)
  }
}
