import CoreMetrics
import GatewayCore
import Synchronization

/// How long questions take, by command and outcome; the series of a command exist, with zeros, as soon as it has a
/// decider.
final class DecisionMetrics: Sendable {
  private let factory: any MetricsFactory
  private let recorders = Mutex<[String: [DecisionOutcome: Recorder]]>([:])

  init(factory: any MetricsFactory) { self.factory = factory }

  /// Replaces the commands that have a decider; one that stays keeps its series.
  func update(commands: Set<String>) {
    let before = recorders.withLock { $0 }
    let after = Dictionary(uniqueKeysWithValues: commands.map { ($0, before[$0] ?? make($0)) })
    recorders.withLock { $0 = after }
    for (command, series) in before where !commands.contains(command) {
      for recorder in series.values { recorder.destroy() }
    }
  }

  func record(_ duration: Duration, _ outcome: DecisionOutcome, before command: String) {
    recorders.withLock { $0[command]?[outcome] }?.record(duration.inSeconds)
  }

  private func make(_ command: String) -> [DecisionOutcome: Recorder] {
    Dictionary(
      uniqueKeysWithValues: DecisionOutcome.allCases.map { outcome in
        let labels = [("command", command), ("outcome", outcome.word)]
        return (
          outcome,
          Recorder(
            label: MetricFamily.decisionDuration.name, dimensions: labels, aggregate: true, factory: factory)
        )
      })
  }
}
