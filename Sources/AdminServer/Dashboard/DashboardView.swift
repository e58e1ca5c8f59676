/// The dashboard at a moment: pieces of HTML, each by the id of the element that it fills or is.
struct DashboardView: Sendable {
  struct Fragment: Hashable, Sendable {
    let id: String
    let html: String
  }

  /// The figures, the sentence above the subscribers, the routes file, and what is wrong.
  let parts: [Fragment]
  /// A table's row for each subscriber, in the order of the routes file.
  let rows: [Fragment]

  /// The ids of the rows, in order.
  var order: String { rows.map(\.id).joined(separator: " ") }
}
