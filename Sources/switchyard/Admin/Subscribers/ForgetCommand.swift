import ArgumentParser

/// `switchyard forget`: deletes what is kept of a removed subscriber.
struct ForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Forgets a subscriber that the routes file no longer names, and all that waits for it.",
    discussion: """
      Deletes its position, its backlog, its dead letters and its replays. Should it come back, it begins anew.
      Asks before; say --yes where nobody can answer.

      EXAMPLES:
        switchyard subscribers --removed
        switchyard forget moderation
        switchyard forget moderation --yes
      """)

  @Argument(help: "Its name.", completion: SubscriberArgument.completion, transform: SubscriberArgument.read)
  var name: String

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    if !yes { try await question(door).ask() }
    // Whatever says something is not the door that was meant.
    guard try await door.delete("v1", "subscribers", name).body.isEmpty else { throw AdminAnswer.strange(door.address) }
    try LineWriter.standardOutput.print(
      options.json ? try ["forgotten": name].jsonLine() : "\(name) is forgotten.")
  }

  private func question(_ door: AdminDoor) async throws -> Question {
    let list = try await door.list("subscribers", name: "subscribers", wanted: 1)
    let removed: [AdminAPI.RemovedSubscriber] = try door.reading { try list.rest["removed"]?.read() ?? [] }
    guard let one = removed.first(where: { $0.name == name }) else {
      return Question(consequence: "This deletes whatever \(door.address) keeps of \(name).", answer: name)
    }
    return Question(
      consequence: "This deletes the position of \(name), \(HumanText.count(one.behindEvents, "event")) behind, and "
        + "\(HumanText.count(one.deadLetters, "dead event")).", answer: name)
  }
}
