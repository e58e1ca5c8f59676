import GatewayCore
import Synchronization

/// Renders the dashboard's pieces. A row is rendered again only when what it shows has changed.
final class DashboardRenderer: Sendable {
  private struct Row {
    let content: SubscriberRow
    let fragment: DashboardView.Fragment
  }

  private let templates: DashboardTemplates
  private let rows = Mutex<[String: Row]>([:])

  init(templates: DashboardTemplates) { self.templates = templates }

  func view(_ status: GatewayStatus, _ activity: ActivityRecorder, at now: Timestamp) -> DashboardView {
    let figures = DashboardFigures(status: status, recent: activity.recent, now: now)
    let contents = status.subscribers.map { SubscriberRow($0, activity.recent(of: $0.name), at: now) }
    return DashboardView(
      parts: [
        part("trouble", "trouble", [:]), part("figures", "figures", figures.values),
        DashboardView.Fragment(id: "summary", html: figures.summary), part("routes", "routes", Self.routes(status)),
      ],
      rows: contents.map(row))
  }

  /// When the gateway itself cannot be asked: the rest of the page stays as it was.
  func trouble(_ sentence: String) -> DashboardView.Fragment { part("trouble", "trouble", ["trouble": sentence]) }

  private func part(_ id: String, _ template: String, _ values: [String: Any]) -> DashboardView.Fragment {
    DashboardView.Fragment(id: id, html: templates.render(template, values))
  }

  private func row(_ content: SubscriberRow) -> DashboardView.Fragment {
    if let known = rows.withLock({ $0[content.name] }), known.content == content { return known.fragment }
    let fragment = part("subscriber-\(content.name)", "subscriber", content.values)
    rows.withLock { $0[content.name] = Row(content: content, fragment: fragment) }
    return fragment
  }

  /// Lets go of the rows of subscribers that are gone.
  func forgetRows(except view: DashboardView) {
    let ids = Set(view.rows.map(\.id))
    rows.withLock { rows in rows = rows.filter { ids.contains($0.value.fragment.id) } }
  }

  private static func routes(_ status: GatewayStatus) -> [String: Any] {
    [
      "fingerprint": status.routesFingerprint, "loadedAt": status.routesLoadedAt.description,
      "loadedText": DashboardText.moment(status.routesLoadedAt), "isGood": status.routesProblems.isEmpty,
      "problems": status.routesProblems.map { problem in
        [
          "place": ([problem.file] + [problem.line, problem.column].compactMap { $0.map(String.init) })
            .joined(separator: ":"),
          "severity": problem.severity.rawValue, "message": problem.message,
        ]
      },
    ]
  }
}
