import ArgumentParser

/// `switchyard dead-letters replay`.
struct ReplayDeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Sends dead letters again, under the ids that their events have.",
    discussion: """
      Each is retried from its first attempt on, by the subscriber's schedule, and carries switchyard-replay.
      An expired range becomes a replay of what of it is still retained. All that is given must hold.

      EXAMPLES:
        switchyard dead-letters replay 3-1041 3-1042
        switchyard dead-letters replay --subscriber moderation
        switchyard dead-letters replay --error 'the answer was 422' --from 1d
      """)

  @OptionGroup var targets: DeadLetterTargets
  @OptionGroup var options: AdminOptions

  func run() async throws {
    let sweeping = SweepRun(targets: targets, sweep: DeadLetterSweep(door: try options.door(), action: .replay))
    guard let tally = try await sweeping.run(json: options.json, isMeant: { _ in }) else { return }
    let names = tally.names.isEmpty ? "" : ", as \(tally.names.joined(separator: ", "))"
    var lines = ["Sent again: \(SweepRun.words(tally.deadLetters, tally.events))\(names)."]
    if !tally.replays.isEmpty {
      lines.append("Expired ranges became replays: \(tally.replays.map(\.id).joined(separator: ", ")).")
    }
    try LineWriter.standardOutput.print(lines.map(\.printable).joined(separator: "\n"))
  }
}
