import HTTPTypes
import Hummingbird

/// Lets pass what the policy allows.
struct AccessMiddleware: RouterMiddleware {
  typealias Context = AdminRequestContext

  let policy: AccessPolicy

  func handle(
    _ request: Request, context: AdminRequestContext,
    next: @concurrent (Request, AdminRequestContext) async throws -> Response
  ) async throws -> Response {
    let asked = AccessRequest(request)
    try policy.check(asked)
    var context = context
    context.isStillAllowed = { [policy] in (try? policy.check(asked)) != nil }
    return try await next(request, context)
  }
}

extension AccessRequest {
  init(_ request: Request) {
    self.init(
      isChange: request.method != .get && request.method != .head, host: request.head.authority,
      origin: request.headers[.origin], authorization: request.headers[.authorization],
      adminHeader: HTTPField.Name(AccessPolicy.headerName).flatMap { request.headers[$0] })
  }
}
