import ArgumentParser
import GatewayCore

/// `switchyard subscribers`: how each of them is.
struct SubscribersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscribers", abstract: "Lists the subscribers: their state, and what waits for them.",
    discussion: """
      BACKLOG counts events that are neither delivered nor given up; OLDEST is when the first of them came.
      Behind the table stands why a subscriber is held, paused or misconfigured.

      EXAMPLES:
        switchyard subscribers
        switchyard subscribers --removed
        switchyard subscribers --json | jq '.subscribers[].state'
      """)

  @Flag(help: "List those that the routes file no longer names, and when each is forgotten.")
  var removed = false

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    let list = try await door.list("subscribers", name: "subscribers")
    if options.json { return try LineWriter.standardOutput.print(try list.json("subscribers")) }
    if removed {
      let removed: [AdminAPI.RemovedSubscriber] = try door.reading { try list.rest["removed"]?.read() ?? [] }
      try LineWriter.standardOutput.print(SubscriberTable.text(removed: removed, now: .now()))
    } else {
      let subscribers: [AdminAPI.Subscriber] = try door.reading { try list.read() }
      try LineWriter.standardOutput.print(
        SubscriberTable.text(subscribers, now: .now(), coloured: Terminal.hasColours))
    }
  }
}
