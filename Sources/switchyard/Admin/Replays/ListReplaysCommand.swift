import ArgumentParser
import GatewayCore

/// `switchyard replays list`.
struct ListReplaysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists replays, newest first; those that have ended are kept for a week.",
    discussion: """
      EXAMPLES:
        switchyard replays list
        switchyard replays list --subscriber moderation --all
      """)

  @Option(
    help: ArgumentHelp("Only this subscriber's.", valueName: "name"), completion: SubscriberArgument.completion,
    transform: SubscriberArgument.read)
  var subscriber: String?

  @OptionGroup var length: ListLength
  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    let query = subscriber.map { [("subscriber", $0)] } ?? []
    let list = try await door.list("replays", name: "replays", query: query, wanted: length.wanted)
    if options.json { return try LineWriter.standardOutput.print(try list.json("replays")) }
    let replays: [AdminAPI.Replay] = try door.reading { try list.read() }
    let more = list.cursor == nil ? [] : [ListLength.more]
    try LineWriter.standardOutput.print((Self.lines(replays, now: .now()) + more).joined(separator: "\n"))
  }

  static func lines(_ replays: [AdminAPI.Replay], now: Timestamp) -> [String] {
    guard !replays.isEmpty else { return ["There are no replays."] }
    var table = TextTable("ID", "SUBSCRIBER", "STATE", ">DONE", ">OF", ">WAITING", ">DEAD", "CREATED", "REASON")
    for one in replays {
      table.append(
        one.id, one.subscriber, one.state, HumanText.count(one.doneEvents),
        (one.isExact ? "" : "≤ ") + HumanText.count(one.totalEvents), HumanText.count(one.waitingEvents),
        HumanText.count(one.deadLetters), HumanText.relative(one.createdAt, now: now), one.reason)
    }
    return table.lines
  }
}
