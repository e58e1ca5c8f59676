import ArgumentParser
import GatewayCore

/// `switchyard replay`: sends history to a subscriber again.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Sends what is retained to a subscriber again: the count first, then a progress bar.",
    discussion: """
      A time is RFC 3339, or a duration for that long ago, or now. It ends where live delivery has come.
      Events keep their ids and carry switchyard-replay. Asks before; say --yes where nobody can answer.
      Ctrl-C leaves the replay running: 'switchyard replays' watches, pauses and cancels it.

      EXAMPLES:
        switchyard replay --subscriber moderation --from 2h --dry-run
        switchyard replay --subscriber moderation --from 2026-11-20T20:00:00Z \\
          --to 2026-11-20T21:00:00Z --events 'blocklist.*' --rate 50/s
        switchyard replay --subscriber moderation --from 1d --yes --no-wait
      """)

  static let maxPatterns = 100

  @Option(
    help: ArgumentHelp("To whom.", valueName: "name"), completion: SubscriberArgument.completion,
    transform: SubscriberArgument.read)
  var subscriber: String

  @Option(
    help: ArgumentHelp("What was accepted at or after this.", valueName: "time"), transform: MomentArgument.argument)
  var from: MomentArgument

  @Option(help: ArgumentHelp("And before this; default: now.", valueName: "time"), transform: MomentArgument.argument)
  var to: MomentArgument?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Of what the subscriber wants, only these; several, or repeatable.", valueName: "pattern"))
  var events: [String] = []

  @Option(
    help: ArgumentHelp("Requests in some time at most, such as 50/s, 60/m or 1000/h.", valueName: "rate"))
  var rate: String?

  @Flag(help: "Say what it would send, and send nothing.")
  var dryRun = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Do not wait until it is done.")
  var noWait = false

  @OptionGroup var options: AdminOptions

  func validate() throws {
    guard rate.map({ RateLimit(text: $0) != nil }) ?? true else {
      throw ValidationError("--rate must be a number from 1 to 1000000 and /s, /m or /h, such as 50/s")
    }
    guard events.count <= Self.maxPatterns, events.allSatisfy({ EventPattern($0) != nil && $0.utf8.count <= 200 })
    else {
      throw ValidationError("--events takes up to \(Self.maxPatterns) patterns, such as 'blocklist.*'")
    }
    let now = Timestamp.now()
    guard from.timestamp(now: now) < to?.timestamp(now: now) ?? now else {
      throw ValidationError("--from must be before --to, and in the past")
    }
  }

  func run() async throws {
    let door = try options.door()
    // The plan and the replay are of the same span, however long somebody thinks about it.
    let request = request(now: .now())
    let planned = try await door.post("v1", "replays", query: [("dry_run", "1")], json: request)
    let plan: AdminAPI.ReplayPlan = try planned.read()
    guard !dryRun, plan.totalEvents > 0 else {
      let rest = dryRun ? "" : " Nothing was done."
      return try LineWriter.standardOutput.print(options.json ? try planned.line() : plan.text + rest)
    }
    if yes { LineWriter.standardError.tell(plan.text) } else { try Question(consequence: plan.text).ask() }
    let answer = try await door.post("v1", "replays", json: request)
    let replay: AdminAPI.Replay = try answer.read()
    guard !noWait else {
      return try LineWriter.standardOutput.print(
        options.json ? try answer.line() : "\(replay.id) runs. \(ReplayWatch.advice(replay.id))".printable)
    }
    try await ReplayWatch(door: door, json: options.json).follow(replay)
  }

  func request(now: Timestamp) -> AdminAPI.ReplayRequest {
    AdminAPI.ReplayRequest(
      subscriber: subscriber, from: from.timestamp(now: now).description,
      to: (to?.timestamp(now: now) ?? now).description, events: events.isEmpty ? nil : events, rateLimit: rate)
  }
}

extension AdminAPI.ReplayPlan {
  /// The count first.
  var text: String {
    let number = isExact ? HumanText.count(totalEvents, "event") : "up to \(HumanText.count(totalEvents, "event"))"
    return "A replay of \(from) to \(to) sends \(number) to \(subscriber)."
  }
}
