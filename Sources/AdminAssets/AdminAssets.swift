/// The files that the admin door serves, and the templates it fills in, compiled into the program: it stays one binary.
///
/// A room of its own, because a change to the code around them need not compile them again.
package enum AdminAssets {
  /// `GET /openapi.yaml`: the OpenAPI 3.1 document of the admin API.
  package static let openAPI = PackageResources.openapi_yaml

  /// What the dashboard's page loads, by name.
  package static let dashboard: [(name: String, bytes: [UInt8])] = [
    ("dashboard.css", PackageResources.dashboard_css),
    ("dashboard.js", PackageResources.dashboard_js),
    ("api.js", PackageResources.api_js),
    ("attempts.js", PackageResources.attempts_js),
    ("dead-letters.js", PackageResources.dead_letters_js),
    ("dialogs.js", PackageResources.dialogs_js),
    ("dom.js", PackageResources.dom_js),
    ("live.js", PackageResources.live_js),
    ("replays.js", PackageResources.replays_js),
    ("routes.js", PackageResources.routes_js),
    ("story.js", PackageResources.story_js),
    ("subscribers.js", PackageResources.subscribers_js),
    ("icon.svg", PackageResources.icon_svg),
  ]

  /// Mustache templates, by name.
  package static let templates: [(name: String, bytes: [UInt8])] = [
    ("dialogs", PackageResources.dialogs_mustache),
    ("figures", PackageResources.figures_mustache),
    ("page", PackageResources.page_mustache),
    ("routes", PackageResources.routes_mustache),
    ("sign-in", PackageResources.sign_in_mustache),
    ("subscriber", PackageResources.subscriber_mustache),
    ("symbols", PackageResources.symbols_mustache),
    ("trouble", PackageResources.trouble_mustache),
  ]
}
