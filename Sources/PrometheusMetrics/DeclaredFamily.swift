/// A family as it was declared, with the series made of it so far.
struct DeclaredFamily {
  let name: String
  let help: String
  let kind: MetricKind
  var series: [LabelSet: any Series] = [:]

  /// A family without series keeps its two lines, so that it is seen to exist.
  func write(to writer: inout ExpositionWriter) {
    writer.family(name, help: help, kind: kind)
    for one in series.values.sorted(by: { $0.labels < $1.labels }) { one.write(to: &writer) }
  }
}
