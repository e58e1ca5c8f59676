/// A figure without labels that was read elsewhere and stands in one exposition only.
struct MetricFigure: Series {
  let family: String
  let value: Double
  let labels = LabelSet.none

  func write(to writer: inout ExpositionWriter) { writer.sample(family, labels, ExpositionText.number(value)) }

  func read() -> SeriesReading.Value { .number(value) }
}
