import GatewayCore
import HTTPTypes
import Hummingbird

/// The only map from errors to statuses.
extension Problem {
  /// Nil for an error that nobody foresaw.
  init?(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let refusal as AccessRefusal: self.init(refusal)
    case let error as JournalError: self.init(error)
    case let error as ControlError: self.init(error)
    case let error as RoutesRejected: self.init(error)
    case let error as HTTPError where error.status == .notFound:
      self.init(.notFound, "There is nothing at this path.")
    case let error as HTTPError: self.init(error.status, error.body ?? error.status.reasonPhrase)
    default: return nil
    }
  }

  static let unforeseen = Problem(.internalServerError, "The gateway failed to answer; its log says why.")

  static func methodNotAllowed(allowed: [HTTPRequest.Method]) -> Problem {
    let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
    var problem = Problem(.methodNotAllowed, "This path takes \(names).")
    problem.headers[.allow] = names
    return problem
  }

  private init(_ error: JournalError) {
    if case .refused(let sentence) = error {
      self.init(.conflict, "\(sentence).")
      return
    }
    self.init(.serviceUnavailable, "The journal cannot do this now: \(error).")
  }

  private init(_ error: ControlError) {
    switch error {
    case .notFound(let sentence): self.init(.notFound, sentence)
    case .conflict(let sentence): self.init(.conflict, sentence)
    case .invalid(let sentence): self.init(.badRequest, sentence)
    case .journal(let error): self.init(error)
    case .unrecorded(let error):
      self.init(
        .serviceUnavailable,
        "It is in force, or soon will be, but a restart may undo it, since it could not be recorded: "
          + "\(error). Ask again when the journal works.")
    }
  }

  private init(_ rejected: RoutesRejected) {
    let count = rejected.problems.count { $0.severity == .error }
    self.init(
      .unprocessableContent,
      "The routes file has \(count) \(count == 1 ? "error" : "errors"); nothing was changed.")
    routesProblems = rejected.problems
  }

  private init(_ refusal: AccessRefusal) {
    self.init(refusal.status, refusal.sentence)
    if refusal.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
  }
}

extension AccessRefusal {
  fileprivate var status: HTTPResponse.Status {
    switch self {
    case .tokenMissing, .tokenUnknown, .sessionOver: .unauthorized
    case .noTokenBeyondLoopback, .foreignHost, .foreignOrigin, .headerMissing, .readOnlyToken, .foreignSession:
      .forbidden
    }
  }

  fileprivate var sentence: String {
    let variable = AdminTokenSources.adminVariable
    return switch self {
    case .noTokenBeyondLoopback:
      "This door listens beyond loopback and has no token: set \(variable) or \(variable)_FILE, "
        + "or listen on 127.0.0.1."
    case .foreignHost:
      "Without a token this door answers only to localhost: call it by that name or a loopback address, "
        + "or set \(variable)."
    case .foreignOrigin: "Without a token this door answers no page of another origin: set \(variable)."
    case .headerMissing:
      "Where no token is sent, a request that changes something needs the header "
        + "\(AccessPolicy.headerName): \(AccessPolicy.headerValue)."
    case .tokenMissing: "This door needs a token: send it as Authorization: Bearer."
    case .tokenUnknown: "This token is not one of the door's."
    case .foreignSession: "A session is good for pages of this door alone: send a token as Authorization: Bearer."
    case .sessionOver: "This session is over: sign in again at /."
    case .readOnlyToken: "This token may only read: use the one in \(variable)."
    }
  }
}
