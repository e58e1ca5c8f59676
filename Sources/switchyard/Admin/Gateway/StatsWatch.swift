import Foundation

/// Draws the figures each second: on a terminal as a screen of its own that is gone afterwards, else one below the other.
struct StatsWatch: Sendable {
  private static let interval = Duration.seconds(1)
  /// Another screen, without a cursor, on which a line that is too long is cut and not broken.
  private static let openScreen = "\u{1B}[?1049h\u{1B}[?7l\u{1B}[?25l"
  private static let closeScreen = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
  private static let clearLineEnd = "\u{1B}[K"
  private static let clearBelow = "\u{1B}[J"

  let door: AdminDoor
  let json: Bool

  func run() async throws {
    // What cannot be shown at all is told as any command does, before the screen changes.
    let first = try await StatsCommand.screen(door, json: json, coloured: Terminal.hasColours)
    let isScreen = Terminal.isScreen && !json
    if isScreen { Self.write(Self.openScreen) }
    defer { if isScreen { Self.write(Self.closeScreen) } }
    let watch = self
    _ = try await Interruption.until { try await watch.draw(first, isScreen: isScreen) }
  }

  private func draw(_ first: String, isScreen: Bool) async throws {
    var (text, isLost) = (first, false)
    while true {
      if isScreen {
        Self.write(Self.drawing(of: text.components(separatedBy: "\n") + ["", "Ctrl-C ends this."]))
      } else if !isLost {
        try LineWriter.standardOutput.print(json ? text : text + "\n")
      }
      try await Task.sleep(for: Self.interval)
      do {
        text = try await StatsCommand.screen(door, json: json, coloured: Terminal.hasColours)
        isLost = false
      } catch let error as AdminDoorError where error.mayPass {
        try Task.checkCancellation()
        if isScreen { text = error.description.printable } else if !isLost { LineWriter.standardError.tell("\(error)") }
        isLost = true
      }
    }
  }

  /// Each line at its own row: what is too much for a screen does not scroll it, and the last line stands at its end.
  private static func drawing(of lines: [String]) -> String {
    let rows = lines.enumerated().map { row, line in "\u{1B}[\(row + 1);1H\(line)\(clearLineEnd)" }
    return rows.joined() + clearBelow
  }

  private static func write(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
