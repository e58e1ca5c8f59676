import Foundation
import GatewayCore

/// Follows a replay until it is over. It runs in the gateway: to stop watching changes nothing about it.
struct ReplayWatch: Sendable {
  private static let interval = Duration.milliseconds(500)
  /// Between lines, where there is no terminal to draw on.
  private static let lineInterval = Duration.seconds(10)

  let door: AdminDoor
  let json: Bool

  /// - Throws: `ExitStatus.failure` if it was cancelled.
  func follow(_ replay: AdminAPI.Replay) async throws {
    let bar = ProgressBar(total: max(replay.totalEvents, 1))
    let door = door
    let end = try await Interruption.until { try await Self.end(of: replay, door, bar) }
    bar?.clear()
    guard let (last, answer) = end else {
      LineWriter.standardError.tell("\(replay.id) goes on without being watched. \(Self.advice(replay.id))")
      return
    }
    try LineWriter.standardOutput.print(json ? try answer.line() : last.ending)
    if last.state != "done" { throw ExitStatus.failure }
  }

  static func advice(_ id: String) -> String {
    "'switchyard replays watch \(id)' shows how far it is, 'switchyard replays cancel \(id)' ends it."
  }

  private static func end(
    of replay: AdminAPI.Replay, _ door: AdminDoor, _ bar: ProgressBar?
  ) async throws -> (AdminAPI.Replay, AdminAnswer) {
    var (toldAt, isLost) = (ContinuousClock.now, false)
    while true {
      do {
        let answer = try await door.get("v1", "replays", replay.id)
        let seen: AdminAPI.Replay = try answer.read()
        if seen.hasEnded { return (seen, answer) }
        bar?.show(done: seen.doneEvents, note: seen.note)
        if bar == nil, .now - toldAt >= lineInterval {
          LineWriter.standardError.tell(seen.progress)
          toldAt = .now
        }
        isLost = false
      } catch let error as AdminDoorError where error.mayPass {
        // It runs on after a restart, and so does this.
        try Task.checkCancellation()
        if !isLost { LineWriter.standardError.tell("\(error); trying on") }
        isLost = true
      }
      try await Task.sleep(for: interval)
    }
  }
}

extension AdminAPI.Replay {
  /// What a progress bar cannot show.
  var note: String? {
    let waiting = waitingEvents > 0 ? "\(HumanText.count(waitingEvents)) to be retried" : nil
    let parts = [state == "running" ? nil : state, reason, waiting].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  var progress: String {
    let total = (isExact ? "" : "up to ") + HumanText.count(totalEvents)
    return (["\(id): \(HumanText.count(doneEvents)) of \(total)"] + [note].compactMap(\.self)).joined(separator: ", ")
  }

  var ending: String {
    let dead = deadLetters > 0 ? ", \(HumanText.count(deadLetters)) of them dead letters now" : ""
    return "\(id) is \(state): \(HumanText.count(doneEvents, "event"))\(dead).".printable
  }
}
