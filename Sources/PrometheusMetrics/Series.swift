/// The samples of one family that share one set of labels.
protocol Series: Sendable {
  var labels: LabelSet { get }

  func write(to writer: inout ExpositionWriter)

  /// Its value now.
  func read() -> SeriesReading.Value
}

/// A series that handles record into: it is their storage.
protocol RecordedSeries: AnyObject, Series {
  var family: String { get }

  /// Nil when a series of this type cannot belong to a family of this kind.
  init?(family: String, labels: LabelSet, kind: MetricKind)
}
