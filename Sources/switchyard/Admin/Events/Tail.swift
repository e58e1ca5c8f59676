import Foundation
import GatewayCore
import Synchronization

/// Listens to a gateway's attempts, also across its restarts.
struct Tail: Sendable {
  /// Between two tries to connect again.
  private static let pause = Duration.seconds(1)

  let door: AdminDoor
  let query: AdminDoor.Query
  let json: Bool
  let coloured: Bool

  /// Returns when nobody reads the lines any more.
  ///
  /// - Throws: `AdminDoorError` when the first connection fails, or a later one for good.
  func run() async throws {
    var (hasConnected, isLost) = (false, false)
    while true {
      let reader = TailReader(json: json, coloured: coloured)
      if isLost { reader.onOpen { LineWriter.standardError.tell("\(door.address) is back") } }
      var ending = "\(door.address) ended the stream"
      do {
        try await door.stream("v1", "tail", query: query) { _, piece in reader.take(piece) }
      } catch let error as AdminDoorError where error.mayPass && (hasConnected || reader.hasOpened) {
        try Task.checkCancellation()
        ending = error.description
      }
      if reader.isUnread { return }
      if reader.hasFailed { throw AdminAnswer.strange(door.address) }
      hasConnected = hasConnected || reader.hasOpened
      if !isLost || reader.hasOpened { LineWriter.standardError.tell("\(ending); connecting again") }
      isLost = true
      try await Task.sleep(for: Self.pause)
    }
  }
}

extension AdminAPI.Attempt {
  /// `20:36:00.123 moderation  success 200  12 ms  blocklist.added 0199…-0  attempt 1`
  ///
  /// What was wrong follows, where the status does not say it.
  func line(coloured: Bool) -> String {
    let plainError = status.map { "the answer was \($0)" }
    let clock = at.split(separator: "T").last.map { $0.hasSuffix("Z") ? String($0.dropLast()) : String($0) } ?? at
    let result = ([outcome] + [status.map(String.init)].compactMap(\.self)).joined(separator: " ")
    let what = [type?.shortEventType, eventId].compactMap(\.self).joined(separator: " ")
    let more = events > 1 ? "and \(HumanText.count(events - 1)) more" : nil
    let parts = [
      "\(clock) \(subscriber)", nil, HumanText.duration(seconds: durationSeconds), what.isEmpty ? nil : what, more,
      "attempt \(attempt)", replay, error == plainError || error == "" ? nil : error,
    ]
    let painted = (outcome == "success" ? Colour.green : .red).paint(result.printable, if: coloured)
    return parts.enumerated().compactMap { $0 == 1 ? painted : $1?.printable }.joined(separator: "  ")
  }
}
