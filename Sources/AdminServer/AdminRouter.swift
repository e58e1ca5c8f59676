import HTTPTypes
import Hummingbird

/// Puts the admin door together: what answers where, behind which checks.
struct AdminRouter {
  typealias Handler = @Sendable (Request, AdminRequestContext) async throws -> Response

  /// Stands for every method that is not in `methods`.
  static let takenByNone = HTTPRequest.Method.trace
  /// Answered with 405 where a path does not take them.
  static let methods: [HTTPRequest.Method] = [.get, .head, .post, .delete, takenByNone]

  private let router = Router(context: AdminRequestContext.self)

  /// Middleware holds for what is added after it, and for paths that are nowhere.
  func add(_ middleware: some RouterMiddleware<AdminRequestContext>) { router.add(middleware: middleware) }

  func add(_ path: RouterPath, _ method: HTTPRequest.Method, _ handler: @escaping Handler) {
    add(path, [(method, handler)])
  }

  /// All that a path takes at once. HEAD goes where GET goes.
  func add(_ path: RouterPath, _ handlers: [(method: HTTPRequest.Method, handler: Handler)]) {
    let heads = handlers.filter { $0.method == .get }.map { (method: HTTPRequest.Method.head, handler: $0.handler) }
    let taken = (handlers + heads).map(\.method)
    for (method, handler) in handlers + heads { router.on(path, method: method, use: handler) }
    for method in Self.methods where !taken.contains(method) {
      router.on(path, method: method) { _, _ -> Response in throw Problem.methodNotAllowed(allowed: taken) }
    }
  }

  func responder() -> AdminResponder { AdminResponder(router: router.buildResponder()) }
}
