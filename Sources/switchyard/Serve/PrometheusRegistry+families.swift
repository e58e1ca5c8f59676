import GatewayCore
import PrometheusMetrics

extension PrometheusRegistry {
  /// A registry with every family of the gateway.
  static func gateway() -> PrometheusRegistry {
    let registry = PrometheusRegistry()
    for family in MetricFamily.all {
      let kind: MetricKind =
        switch family.kind {
        case .counter: .counter
        case .gauge: .gauge
        case .histogram(let buckets): .histogram(buckets: buckets)
        }
      registry.declare(name: family.name, help: family.help, kind: kind)
    }
    return registry
  }
}
