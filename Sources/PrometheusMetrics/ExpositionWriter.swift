/// Writes families one after the other in one of the two formats.
struct ExpositionWriter {
  let format: ExpositionFormat
  private(set) var text = ""

  init(format: ExpositionFormat) { self.format = format }

  /// The two lines that stand before a family's samples.
  mutating func family(_ name: String, help: String, kind: MetricKind) {
    let exposed = exposedName(name, kind: kind)
    let escaped = format == .text ? ExpositionText.help(help) : ExpositionText.quoted(help)
    text += "# HELP \(exposed) \(escaped)\n# TYPE \(exposed) \(kind.name)\n"
  }

  mutating func sample(_ name: String, _ labels: LabelSet, _ value: String) {
    text += name
    if !labels.text.isEmpty { text += "{\(labels.text)}" }
    text += " \(value)\n"
  }

  /// One cumulative bucket.
  mutating func bucket(_ family: String, _ labels: LabelSet, upTo bound: Double, _ count: UInt64) {
    text += "\(family)_bucket{\(labels.text)"
    if !labels.text.isEmpty { text += "," }
    text += "le=\"\(ExpositionText.bucketBound(bound, format: format))\"} \(count)\n"
  }

  mutating func end() {
    if format == .openMetrics { text += "# EOF\n" }
  }

  /// In OpenMetrics a counter's family goes without the suffix that its samples carry.
  private func exposedName(_ name: String, kind: MetricKind) -> String {
    format == .openMetrics && kind == .counter ? String(name.dropLast(MetricName.counterSuffix.count)) : name
  }
}
