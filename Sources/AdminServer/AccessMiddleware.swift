import HTTPTypes
import Hummingbird

/// Lets pass what the policy allows.
struct AccessMiddleware: RouterMiddleware {
  typealias Context = AdminRequestContext

  let policy: AccessPolicy
  let cookie: SessionCookie

  func handle(
    _ request: Request, context: AdminRequestContext,
    next: @concurrent (Request, AdminRequestContext) async throws -> Response
  ) async throws -> Response {
    let asked = AccessRequest(request, cookie)
    var context = context
    context.right = try policy.check(asked)
    context.isStillAllowed = { [policy] in policy.stillAllows(asked) }
    return try await next(request, context)
  }
}

extension AccessRequest {
  init(_ request: Request, _ cookie: SessionCookie) {
    self.init(
      isChange: request.method != .get && request.method != .head, host: request.head.authority,
      origin: request.headers[.origin], authorization: request.headers[.authorization],
      adminHeader: HTTPField.Name(AccessPolicy.headerName).flatMap { request.headers[$0] },
      sessionKey: cookie.key(in: request.headers))
  }
}
