import CurlTransport
import Foundation

/// Why the admin door did not do what a command asked: one sentence with what to do.
enum AdminDoorError: Error, CustomStringConvertible {
  /// No gateway answers there, or its answer broke off; it may come back.
  case unreachable(String)
  /// The door refuses, and says why.
  case refused(AdminAPI.Problem, AdminAnswer)
  /// What answers is no admin door, or not one that this program understands.
  case strange(String)

  var description: String {
    switch self {
    case .unreachable(let sentence), .strange(let sentence): sentence
    case .refused(let problem, let answer): Self.sentence(problem, answer.address)
    }
  }

  /// Whether it may be different in a moment, as after a restart.
  var mayPass: Bool {
    switch self {
    case .unreachable: true
    case .refused(let problem, _): problem.status == 503
    case .strange: false
    }
  }

  private static func sentence(_ problem: AdminAPI.Problem, _ address: AdminAddress) -> String {
    let said = problem.detail ?? problem.title ?? "it refuses with \(problem.status)"
    let advice =
      problem.status == 401
      ? "; the token of this command comes from SWITCHYARD_ADMIN_TOKEN or SWITCHYARD_ADMIN_TOKEN_FILE" : ""
    return "\(address) answered \(problem.status): \(said.trimmingFullStop)\(advice)"
  }

  init(_ failure: ClientFailure, at address: AdminAddress) {
    switch failure {
    case .unusable(let reason): self = .strange("\(address) cannot be asked: \(reason); give another with --admin")
    case .unreachable(let reason):
      self = .unreachable(
        "no gateway answers at \(address): \(reason.trimmingFullStop); start one with 'switchyard serve', or say with "
          + "--admin where its admin door is")
    case .tls(let reason):
      self = .strange(
        "\(address) has no TLS that can be trusted: \(reason.trimmingFullStop); name its authority's file in "
          + "SSL_CERT_FILE if it is a private one")
    case .timeout:
      self = .unreachable("\(address) did not answer in time; look at the gateway's log, or try again")
    case .broken(let reason):
      self = .unreachable(
        "the connection to \(address) broke: \(reason.trimmingFullStop); look whether the gateway still runs")
    case .tooLong(let bytes):
      self = .strange("\(address) answered with more than \(bytes >> 20) MiB; ask for less, as with --limit")
    case .cancelled: self = .unreachable("interrupted")
    }
  }

  /// Of an answer that is not a success.
  init(refusing answer: ClientAnswer, at address: AdminAddress) {
    let problem = try? JSONDecoder().decode(AdminAPI.Problem.self, from: Data(answer.body))
    if answer.head.contentType == "application/problem+json", let problem {
      self = .refused(problem, AdminAnswer(body: answer.body, address: address))
    } else {
      self = .strange(
        "\(address) answered \(answer.head.status), and not as the admin door of a gateway does; say with --admin where "
          + "that is, or give the gateway the version of this program, \(Product.version)")
    }
  }
}

extension String {
  /// Without a full stop at its end, for more to follow.
  fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
