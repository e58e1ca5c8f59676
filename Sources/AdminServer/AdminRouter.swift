import HTTPTypes
import Hummingbird

/// Puts the admin door together: what answers where, behind which checks.
struct AdminRouter {
  typealias Handler = @Sendable (Request, AdminRequestContext) async throws -> Response

  /// Stands for every method that is not in `methods`.
  static let takenByNone = HTTPRequest.Method.trace
  /// Answered with 405 where a path does not take them.
  static let methods: [HTTPRequest.Method] = [.get, .head, .post, takenByNone]

  private let router = Router(context: AdminRequestContext.self)

  /// Middleware holds for what is added after it, and for paths that are nowhere.
  func add(_ middleware: some RouterMiddleware<AdminRequestContext>) { router.add(middleware: middleware) }

  /// HEAD goes where GET goes.
  func add(_ path: RouterPath, _ method: HTTPRequest.Method, _ handler: @escaping Handler) {
    let taken: [HTTPRequest.Method] = method == .get ? [.get, .head] : [method]
    for method in taken { router.on(path, method: method, use: handler) }
    for method in Self.methods where !taken.contains(method) {
      router.on(path, method: method) { _, _ -> Response in throw Problem.methodNotAllowed(allowed: taken) }
    }
  }

  func responder() -> AdminResponder { AdminResponder(router: router.buildResponder()) }
}
