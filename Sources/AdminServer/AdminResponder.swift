import HTTPTypes
import Hummingbird

/// Answers by path and method.
///
/// Routes are by both, so a method that none of them knows would find nothing even at a path that is there. It is
/// routed as one that every path refuses.
struct AdminResponder: HTTPResponder {
  let router: RouterResponder<AdminRequestContext>

  func respond(to request: Request, context: AdminRequestContext) async throws -> Response {
    guard !AdminRouter.methods.contains(request.method) else {
      return try await router.respond(to: request, context: context)
    }
    var head = request.head
    head.method = AdminRouter.takenByNone
    return try await router.respond(to: Request(head: head, body: request.body), context: context)
  }
}
