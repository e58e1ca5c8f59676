package import GatewayCore
package import OrderedCollections
import Synchronization

/// The apps whose callbacks are taken now, each with its settings and its metrics.
package final class AppDirectory: Sendable {
  private let metrics: CallbackMetrics
  private let entries = Mutex<[AppID: AppEntry]>([:])

  package init(metrics: CallbackMetrics) { self.metrics = metrics }

  /// Replaces the apps for all requests to come; one caller at a time. An app that stays keeps its counters, one that
  /// goes takes them along.
  package func update(_ apps: OrderedDictionary<AppID, AppConfiguration>) {
    let before = entries.withLock { $0 }
    let after = apps.mapValues { app in
      AppEntry(configuration: app, metrics: before[app.id]?.metrics ?? metrics.makeApp(app.id))
    }
    entries.withLock { $0 = Dictionary(uniqueKeysWithValues: after.lazy.map { ($0.key, $0.value) }) }
    for (app, entry) in before where apps[app] == nil { entry.metrics.destroy() }
  }

  package func entry(for app: AppID) -> AppEntry? { entries.withLock { $0[app] } }
}

/// One app of the directory.
package struct AppEntry: Sendable {
  package let configuration: AppConfiguration
  package let metrics: AppMetrics
}
