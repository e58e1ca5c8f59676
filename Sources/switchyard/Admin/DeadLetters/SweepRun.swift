import GatewayCore

/// What both have in common: count, ask, do, and tell how far it has come.
struct SweepRun {
  let targets: DeadLetterTargets
  let sweep: DeadLetterSweep

  /// - Parameter isMeant: Asks, and throws if it is not.
  /// - Returns: Nil where nothing is left to be said.
  func run(json: Bool, isMeant: (DeadLetterSweep.Count) throws -> Void) async throws -> DeadLetterSweep.Tally? {
    let now = Timestamp.now()
    let count = try await count(now)
    guard count.deadLetters > 0 else {
      try LineWriter.standardOutput.print(
        json ? #"{"deadLetters":0,"events":0,"more":false}"# : "There are no such dead letters; nothing was done.")
      return nil
    }
    try isMeant(count)
    let bar = ProgressBar(total: count.deadLetters)
    var calls = sweep.calls(targets.selection(now: now, upTo: count))
    while let answer = try await calls.next() {
      if json { try LineWriter.standardOutput.print(try answer.line()) }
      tell(calls.tally, of: count, bar)
    }
    bar?.clear()
    return json ? nil : calls.tally
  }

  /// `2 dead letters, 2,000 events`
  static func words(_ deadLetters: Int, _ events: Int) -> String {
    let letters = HumanText.count(deadLetters, "dead letter")
    return deadLetters == events ? letters : "\(letters) with \(HumanText.count(events, "event"))"
  }

  private func count(_ now: Timestamp) async throws -> DeadLetterSweep.Count {
    guard targets.ids.isEmpty else {
      return DeadLetterSweep.Count(deadLetters: targets.ids.count, events: targets.ids.count)
    }
    return try await sweep.count(targets.selection(now: now))
  }

  private func tell(_ tally: DeadLetterSweep.Tally, of count: DeadLetterSweep.Count, _ bar: ProgressBar?) {
    if let bar {
      bar.show(done: tally.deadLetters)
    } else if tally.deadLetters < count.deadLetters {
      LineWriter.standardError.tell(
        "\(HumanText.count(tally.deadLetters)) of \(HumanText.count(count.deadLetters)) done")
    }
  }
}
