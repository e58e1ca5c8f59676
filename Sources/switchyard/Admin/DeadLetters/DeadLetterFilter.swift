import ArgumentParser
import GatewayCore

/// Which dead letters a command is about; all that is given must hold.
struct DeadLetterFilter: ParsableArguments {
  static let longestError = 200

  @Option(
    help: ArgumentHelp("Only this subscriber's.", valueName: "name"), completion: SubscriberArgument.completion,
    transform: SubscriberArgument.read)
  var subscriber: String?

  @Option(
    help: ArgumentHelp("Given up at or after: RFC 3339, or 2h for two hours ago.", valueName: "time"),
    transform: MomentArgument.argument)
  var from: MomentArgument?

  @Option(help: ArgumentHelp("Given up before.", valueName: "time"), transform: MomentArgument.argument)
  var to: MomentArgument?

  @Option(help: ArgumentHelp("What stands in the last error; case does not matter.", valueName: "text"))
  var error: String?

  func validate() throws {
    guard error.map({ (1...Self.longestError).contains($0.unicodeScalars.count) }) ?? true else {
      throw ValidationError("--error must be 1 to \(Self.longestError) characters")
    }
    let now = Timestamp.now()
    guard let from, let to, from.timestamp(now: now) >= to.timestamp(now: now) else { return }
    throw ValidationError("--from must be before --to")
  }

  var isEmpty: Bool { subscriber == nil && from == nil && to == nil && error == nil }

  /// - Parameter now: What a duration is ago from.
  func selection(now: Timestamp) -> AdminAPI.DeadLetterSelection {
    AdminAPI.DeadLetterSelection(
      subscriber: subscriber, from: from?.timestamp(now: now).description, to: to?.timestamp(now: now).description,
      error: error)
  }
}

extension AdminAPI.DeadLetterSelection {
  /// As parameters of the list.
  var query: AdminDoor.Query {
    [("subscriber", subscriber), ("from", from), ("to", to), ("error", error)]
      .compactMap { name, value in value.map { (name, $0) } }
  }
}
