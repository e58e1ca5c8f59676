import ArgumentParser
import GatewayCore

/// `switchyard stats`: the gateway as it is now.
struct StatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Shows the gateway as it is now: callbacks, journal, routes, subscribers.",
    discussion: """
      Callbacks and events are counted since the gateway started; rates are of the last minutes.

      EXAMPLES:
        switchyard stats
        switchyard stats --watch
        switchyard stats --json | jq .journal.freeBytes
      """)

  @Flag(help: "Draw it anew each second until Ctrl-C; without a terminal, print it each second.")
  var watch = false

  @OptionGroup var options: AdminOptions

  func run() async throws {
    let door = try options.door()
    guard watch else {
      return try LineWriter.standardOutput.print(
        try await Self.screen(door, json: options.json, coloured: Terminal.hasColours))
    }
    try await StatsWatch(door: door, json: options.json).run()
  }

  static func screen(_ door: AdminDoor, json: Bool, coloured: Bool) async throws -> String {
    let answer = try await door.get("v1", "stats")
    guard !json else { return try answer.line() }
    let stats: AdminAPI.Stats = try answer.read()
    return stats.lines(at: door.address, now: .now(), coloured: coloured).joined(separator: "\n")
  }
}
