import GatewayCore
import HTTPTypes
import Hummingbird

/// `/` and what its page loads, but for the data.
struct DashboardEndpoints: Sendable {
  let policy: AccessPolicy
  let cookie: SessionCookie
  let feed: DashboardFeed
  let streams: EventStreams
  let control: any GatewayControl
  let templates: DashboardTemplates
  let assets: [DashboardAsset]
  /// Of the page and what it loads.
  let version: String

  init(
    policy: AccessPolicy, cookie: SessionCookie, feed: DashboardFeed, streams: EventStreams,
    control: any GatewayControl, templates: DashboardTemplates, digest: any Digest
  ) {
    self.policy = policy
    self.cookie = cookie
    self.feed = feed
    self.streams = streams
    self.control = control
    self.templates = templates
    assets = DashboardAsset.all(digest: digest)
    version = DashboardAsset.version(of: assets, digest: digest)
  }

  /// The page, or where there are tokens and the asker has none, the one that asks for it.
  @Sendable func page(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    let asked = AccessRequest(request, cookie)
    do {
      return .page(await page(for: try policy.check(asked), isSession: asked.sessionKey != nil && policy.hasTokens))
    } catch AccessRefusal.tokenMissing, AccessRefusal.sessionOver {
      return .page(templates.render("sign-in", [:]))
    }
  }

  /// What a browser may load before anybody has signed in: it tells nothing of the gateway.
  func asset(_ asset: DashboardAsset) -> AdminRouter.Handler {
    { request, _ in
      try policy.checkPlace(AccessRequest(request, cookie))
      return asset.response(to: request)
    }
  }

  /// The page's changes as they come.
  @Sendable func stream(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    try streams.answer(context) { [feed, version] stream in await feed.watch(stream, version: version) }
  }

  private func page(for right: AccessRight, isSession: Bool) async -> String {
    var values: [String: Any] = [
      "right": right == .change ? "change" : "read", "isReadOnly": right == .read, "isSession": isSession,
      "assets": version,
    ]
    for piece in await feed.pieces() { values[piece.id] = piece.html }
    if let status = try? await control.status() {
      values["version"] = status.version
      values["startedAt"] = status.startedAt.description
      values["startedText"] = DashboardText.moment(status.startedAt)
    }
    return templates.render("page", values)
  }
}
