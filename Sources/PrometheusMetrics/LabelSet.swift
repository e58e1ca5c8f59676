/// The labels of one series, sorted and escaped once: `app="1400000000",reason="method"`.
///
/// The order in which the dimensions are given does not matter. A name that is not one, or that stands twice, is a
/// programmer's error.
struct LabelSet: Hashable, Sendable, Comparable {
  /// As it stands between the braces of a sample; empty when there are no labels.
  let text: String
  /// As they were given.
  let dimensions: [(name: String, value: String)]

  static let none = LabelSet([])

  init(_ dimensions: [(String, String)]) {
    let sorted = dimensions.sorted { $0.0 < $1.0 }
    for (index, label) in sorted.enumerated() {
      precondition(MetricName.isLabel(label.0), "\(label.0) cannot name a label")
      precondition(index == 0 || sorted[index - 1].0 != label.0, "the label \(label.0) stands twice")
    }
    self.dimensions = sorted.map { ($0.0, $0.1) }
    text = sorted.map { "\($0.0)=\"\(ExpositionText.quoted($0.1))\"" }.joined(separator: ",")
  }

  static func == (left: LabelSet, right: LabelSet) -> Bool { left.text == right.text }

  func hash(into hasher: inout Hasher) { hasher.combine(text) }

  static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }
}
