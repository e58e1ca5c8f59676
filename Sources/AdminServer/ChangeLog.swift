import Logging

/// Each change that is asked for over the door is one line in the log, with who asked.
struct ChangeLog: Sendable {
  let logger: Logger

  func note(_ message: Logger.Message, _ context: AdminRequestContext, _ facts: Logger.Metadata = [:]) {
    logger.info(message, metadata: facts.merging(["peer": "\(context.peer)"]) { fact, _ in fact })
  }
}
