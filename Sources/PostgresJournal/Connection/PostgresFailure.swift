import GatewayCore

/// What an error of PostgreSQL's, or of the way to it, means for the journal.
enum PostgresFailure: Error, Hashable {
  /// There is no connection, or it has been lost before anything was asked: nothing has changed.
  case unreachable(String)
  /// The server lets this user not in, or has no such database.
  case denied(String)
  /// The connection was lost, or no answer came in time, after a statement had been sent: what became of it is not known.
  case unknownOutcome(String)
  /// No room on the server's disk.
  case full(String)
  /// The statement would succeed another time: a deadlock, a conflict, a server that is starting or stopping.
  case transient(String)
  /// There is no partition for what is to be written.
  case noPartition
  /// The server has fewer batches than it had: one has taken over that lacks the last commits, whose numbers it would give
  /// again. Lanes would pass over what is appended under them; a new start reads how things stand there.
  case wentBack(String)
  /// What was asked for cannot be held; others are not at fault.
  case refused(String)
  case other(String)

  /// What a connection that was not made says: libpq gives no more than its text.
  init(connecting message: String) {
    let denials = [
      "password authentication failed", "authentication failed", "does not exist", "no pg_hba.conf entry",
      "no password supplied", "no such database", "no such user", "certificate verify failed",
      "does not match host name", "server does not support SSL", "invalid sslmode value", "invalid port number",
      "invalid integer value",
    ]
    self = denials.contains(where: message.contains) ? .denied(message) : .unreachable(message)
  }

  /// - Parameters:
  ///   - state: PostgreSQL's five letters for the error.
  ///   - message: Its first line.
  ///   - shown: Where that server is.
  init(state: String, message: String, at shown: String) {
    let sentence = "PostgreSQL at \(shown): \(message) (\(state))" + Self.advice(state)
    switch state {
    case "SY001": self = .noPartition
    case "SY002": self = .wentBack(message)
    case "53100", "53200": self = .full(sentence)
    // Read-only: a primary that has become a standby, or is about to.
    case "25006": self = .unreachable(sentence)
    case "40001", "40P01", "55P03", "57014", "53300": self = .transient(sentence)
    case "23505", "22021", "22P05", "22003", "54000": self = .refused("the journal cannot hold this: \(sentence)")
    default:
      switch state.prefix(2) {
      case "08": self = .unknownOutcome(sentence)
      // The server ends sessions as it stops; the statement was rolled back.
      case "57": self = .unreachable(sentence)
      default: self = .other(sentence)
      }
    }
  }

  /// What to do, where that can be said.
  private static func advice(_ state: String) -> String {
    switch state {
    case "42501": "; give the gateway's role the schema switchyard, as docs/postgres.md has it"
    case "42P05", "26000":
      "; take prepared_statements=on out of the journal's URL: a pooler gives each transaction another session"
    default: ""
    }
  }

  var sentence: String {
    switch self {
    case .unreachable(let text), .denied(let text), .unknownOutcome(let text), .full(let text), .transient(let text),
      .refused(let text),
      .other(let text):
      text
    case .wentBack(let detail):
      "the journal lacks its last commits: \(detail), so a server has taken over that did not have them; start again to "
        + "go on from what it has"
    case .noPartition: "the journal has no partition for what is to be written"
    }
  }

  /// Whether the connection is of no use any more.
  var losesConnection: Bool {
    switch self {
    case .unreachable, .denied, .unknownOutcome: true
    case .full, .transient, .noPartition, .wentBack, .refused, .other: false
    }
  }

  /// Whether the same may succeed a little later.
  var mayPass: Bool {
    switch self {
    case .unreachable, .unknownOutcome, .transient: true
    case .denied, .full, .noPartition, .wentBack, .refused, .other: false
    }
  }

  var journalError: JournalError {
    switch self {
    case .full: .full
    default: .unavailable(sentence)
    }
  }
}
