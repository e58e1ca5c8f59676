import Synchronization

/// Holds every metric of the process and writes them out for Prometheus; a backend of swift-metrics.
///
/// Families are declared once, before handles are made of them. A handle of a family that is not declared, or that is
/// of another kind than the handle, is a programmer's error and ends the process where it is made, never where it is
/// recorded into. The same label and dimensions always mean the same series, however many handles there are; destroying
/// any of its handles removes the series. Recording takes no lock.
///
/// The `process_*` families are the registry's own.
package final class PrometheusRegistry: Sendable {
  private let families = Mutex<[String: DeclaredFamily]>([:])
  private let readProcess: @Sendable () -> ProcessFigures?

  package convenience init() { self.init(readProcess: { ProcessFigures.read() }) }

  /// With other figures than this process's, or none.
  init(readProcess: @escaping @Sendable () -> ProcessFigures?) { self.readProcess = readProcess }

  package func declare(name: String, help: String, kind: MetricKind) {
    precondition(MetricName.isFamily(name), "\(name) cannot name a family")
    precondition((kind == .counter) == name.hasSuffix(MetricName.counterSuffix), "\(name) does not fit its kind")
    if case .histogram(let buckets) = kind {
      precondition(!buckets.isEmpty && buckets.allSatisfy(\.isFinite), "\(name) needs finite buckets")
      precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "the buckets of \(name) do not ascend")
    }
    families.withLock { families in
      precondition(families[name] == nil, "\(name) is declared twice")
      families[name] = DeclaredFamily(name: name, help: help, kind: kind)
    }
  }

  /// Everything as it is now, families and series in the order of their names.
  package func exposition(openMetrics: Bool) -> String {
    var exposed = families.withLock { Array($0.values) }
    exposed += readProcess()?.families ?? []
    var writer = ExpositionWriter(format: openMetrics ? .openMetrics : .text)
    for family in exposed.sorted(by: { $0.name < $1.name }) { family.write(to: &writer) }
    writer.end()
    return writer.text
  }

  /// The series of one family as they are now, in no order; none where the family is not declared.
  package func read(_ family: String) -> [SeriesReading] {
    let series = families.withLock { $0[family].map { Array($0.series.values) } ?? [] }
    return series.map { one in
      SeriesReading(
        labels: Dictionary(uniqueKeysWithValues: one.labels.dimensions.map { ($0.name, $0.value) }), value: one.read())
    }
  }

  /// The one series of these labels, made if need be.
  func series<Recorded: RecordedSeries>(of family: String, _ dimensions: [(String, String)]) -> Recorded {
    let labels = LabelSet(dimensions)
    return families.withLock { families in
      guard let declared = families[family] else { preconditionFailure("the family \(family) is not declared") }
      if let known = declared.series[labels] as? Recorded { return known }
      guard let made = Recorded(family: family, labels: labels, kind: declared.kind) else {
        preconditionFailure("the family \(family) is a \(declared.kind.name)")
      }
      families[family]?.series[labels] = made
      return made
    }
  }

  /// Removes the series behind a handle; its handles may be used on, to no effect.
  func remove(_ handler: AnyObject) {
    guard let removed = handler as? any RecordedSeries else { return }
    families.withLock { families in
      guard let current = families[removed.family]?.series[removed.labels] as? any RecordedSeries, current === removed
      else { return }
      families[removed.family]?.series[removed.labels] = nil
    }
  }
}
