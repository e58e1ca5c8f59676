import Hummingbird
import Logging

/// Answers every error as a problem document.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = AdminRequestContext

  let logger: Logger

  func handle(
    _ request: Request, context: AdminRequestContext,
    next: @concurrent (Request, AdminRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      if let problem = Problem(error) { return problem.response }
      logger.error(
        "admin request failed",
        metadata: ["peer": "\(context.peer)", "http.path": "\(request.uri.path)", "error": "\(error)"])
      return Problem.unforeseen.response
    }
  }
}
