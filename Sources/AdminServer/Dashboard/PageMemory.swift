/// What came of a look at the gateway.
enum DashboardLook: Sendable {
  case view(DashboardView)
  /// It could not be asked; why stands in the piece.
  case trouble(DashboardView.Fragment)
}

/// What one open page has been told, so that it is told only what has changed.
///
/// What finds no room in the page's stream is not taken for told, and tried again with the next look.
struct PageMemory {
  private var told: [String: String] = [:]
  private var order = ""

  mutating func tell(_ look: DashboardLook, to stream: EventStream) {
    switch look {
    case .trouble(let fragment): tell([fragment], to: stream)
    case .view(let view):
      tell(view.parts + view.rows, to: stream)
      guard view.order != order, stream.send(ServerSentEvent("order", data: view.order)) else { return }
      order = view.order
      let ids = Set((view.parts + view.rows).map(\.id))
      told = told.filter { ids.contains($0.key) }
    }
  }

  private mutating func tell(_ fragments: [DashboardView.Fragment], to stream: EventStream) {
    for fragment in fragments where told[fragment.id] != fragment.html {
      let event = ServerSentEvent("fragment", data: "\(fragment.id)\n\(fragment.html)")
      if stream.send(event) { told[fragment.id] = fragment.html }
    }
  }
}
