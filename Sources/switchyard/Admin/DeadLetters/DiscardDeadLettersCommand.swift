import ArgumentParser

/// `switchyard dead-letters discard`.
struct DiscardDeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Deletes dead letters for good.",
    discussion: """
      Says how many they are and has that number typed; say --yes where nobody can answer.
      All that is given must hold.

      EXAMPLES:
        switchyard dead-letters discard 3-1041
        switchyard dead-letters discard --subscriber moderation --to 7d
        switchyard dead-letters discard --error 'the answer was 400' --yes
      """)

  @OptionGroup var targets: DeadLetterTargets

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let sweeping = SweepRun(targets: targets, sweep: DeadLetterSweep(door: try options.door(), action: .discard))
    let tally = try await sweeping.run(json: options.json) { count in
      guard !yes else { return }
      let what = SweepRun.words(count.deadLetters, count.events)
      try Question(consequence: "This deletes \(what) for good.", answer: String(count.deadLetters)).ask()
    }
    guard let tally else { return }
    try LineWriter.standardOutput.print("Discarded: \(SweepRun.words(tally.deadLetters, tally.events)).")
  }
}
