import Foundation
import GatewayCore
import HTTPTypes
import Hummingbird
import Logging

/// `POST /session` and `POST /session/end`: signing in and out with a browser.
struct SessionEndpoints: Sendable {
  private static let maximumForm = 8192

  let policy: AccessPolicy
  let sessions: AdminSessions
  let cookie: SessionCookie
  let templates: DashboardTemplates
  let logger: Logger

  @Sendable func open(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    try check(request)
    let body = try await request.body.collect(upTo: Self.maximumForm)
    guard let form = SignInForm(String(buffer: body)) else {
      return refuse("Type the token.", .badRequest)
    }
    switch sessions.signIn(token: form.token) {
    case .opened(let key, let right):
      logger.info(
        "signed in at the admin door",
        metadata: ["peer": "\(context.peer)", "session.right": right == .change ? "change" : "read"])
      return redirect(setting: cookie.setting(key: key, isSecure: isSecure(request)))
    case .wrongToken:
      logger.warning("sign-in refused at the admin door", metadata: ["peer": "\(context.peer)"])
      return refuse("This token is not one of the door’s.", .unauthorized)
    case .tooMany:
      var response = refuse("Too many wrong tokens: wait a few seconds and try again.", .tooManyRequests)
      response.headers[.retryAfter] = String(AdminSessions.refusalPeriod.components.seconds)
      return response
    }
  }

  @Sendable func end(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    try check(request)
    if let key = cookie.key(in: request.headers) { sessions.signOut(key: key) }
    return redirect(setting: cookie.clearing(isSecure: isSecure(request)))
  }

  /// A form cannot carry the admin header, so it is the origin alone that tells a page of ours.
  private func check(_ request: Request) throws {
    let asked = AccessRequest(request, cookie)
    try policy.checkPlace(asked)
    guard policy.hasTokens else { throw Problem(.notFound, "This door has no token, so nobody signs in.") }
    guard asked.isOfOwnPage else { throw AccessRefusal.foreignSession }
  }

  private func refuse(_ sentence: String, _ status: HTTPResponse.Status) -> Response {
    .page(templates.render("sign-in", ["sentence": sentence]), status: status)
  }

  private func redirect(setting cookie: String) -> Response {
    Response(status: .seeOther, headers: [.location: "/", .setCookie: cookie, .cacheControl: "no-store"])
  }

  /// The door itself speaks plain HTTP; whether a proxy in front of it has TLS only the browser's own origin tells.
  private func isSecure(_ request: Request) -> Bool {
    request.headers[.origin]?.lowercased().hasPrefix("https://") == true
  }
}
