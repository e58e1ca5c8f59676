package import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let counter: CounterSeries = series(of: label, dimensions)
    return counter
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    let counter: CounterSeries = series(of: label, dimensions)
    return counter
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    let gauge: GaugeSeries = series(of: label, dimensions)
    return gauge
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    if aggregate {
      let histogram: HistogramSeries = series(of: label, dimensions)
      return histogram
    }
    let gauge: GaugeSeries = series(of: label, dimensions)
    return gauge
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let histogram: HistogramSeries = series(of: label, dimensions)
    return histogram
  }

  package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
