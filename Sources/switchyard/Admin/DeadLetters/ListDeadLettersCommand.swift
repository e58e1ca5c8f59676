import ArgumentParser
import GatewayCore

/// `switchyard dead-letters list`.
struct ListDeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists dead letters, by subscriber and then in the order of acceptance.",
    discussion: """
      EXAMPLES:
        switchyard dead-letters list
        switchyard dead-letters list --subscriber moderation --from 2h
        switchyard dead-letters list --error timeout --all --json
      """)

  @OptionGroup var filter: DeadLetterFilter
  @OptionGroup var length: ListLength
  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    let list = try await door.list(
      "dead-letters", name: "deadLetters", query: filter.selection(now: .now()).query, wanted: length.wanted)
    if options.json { return try LineWriter.standardOutput.print(try list.json("deadLetters")) }
    let letters: [AdminAPI.DeadLetter] = try door.reading { try list.read() }
    let more = list.cursor == nil ? [] : [ListLength.more]
    try LineWriter.standardOutput.print(
      (Self.lines(letters, now: .now()) + more).joined(separator: "\n"))
  }

  static func lines(_ letters: [AdminAPI.DeadLetter], now: Timestamp) -> [String] {
    guard !letters.isEmpty else { return ["There are no such dead letters."] }
    var table = TextTable("ID", "SUBSCRIBER", "STATE", ">EVENTS", "TYPE", "GIVEN UP", ">ATTEMPTS", "ERROR")
    for letter in letters {
      table.append(
        letter.id, letter.subscriber, letter.state, HumanText.count(letter.events), letter.type?.shortEventType,
        HumanText.relative(letter.endedAt, now: now), HumanText.count(letter.attempts), letter.error)
    }
    return table.lines
  }
}
