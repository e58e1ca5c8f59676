import GatewayCore

/// Replays or discards dead letters, call by call, until none of those that are meant is left.
struct DeadLetterSweep: Sendable {
  enum Action: String, Sendable { case replay, discard }

  /// What a selection stands for at a moment.
  struct Count: Hashable, Sendable {
    var deadLetters = 0
    var events = 0
    /// When the last of them was given up.
    var latest: Timestamp?
  }

  struct Tally: Sendable {
    var deadLetters = 0
    var events = 0
    var names: [String] = []
    var replays: [AdminAPI.Replay] = []
  }

  /// The most ids that one call takes.
  static let largestCall = 1000

  let door: AdminDoor
  let action: Action

  func count(_ selection: AdminAPI.DeadLetterSelection) async throws -> Count {
    var count = Count()
    try await door.walk("dead-letters", name: "deadLetters", query: selection.query) { items, _ in
      for letter in try door.reading({ try items.map { try $0.read(as: AdminAPI.DeadLetter.self) } }) {
        count.deadLetters += 1
        count.events += letter.events
        count.latest = [count.latest, Timestamp(letter.endedAt)].compactMap(\.self).max()
      }
    }
    return count
  }

  /// The calls that it takes, to be made one after the other.
  func calls(_ selection: AdminAPI.DeadLetterSelection) -> Calls {
    Calls(door: door, action: action, pieces: Self.pieces(of: selection))
  }

  static func pieces(of selection: AdminAPI.DeadLetterSelection) -> [AdminAPI.DeadLetterSelection] {
    guard let ids = selection.ids else { return [selection] }
    return stride(from: 0, to: ids.count, by: largestCall).map { start in
      var piece = selection
      piece.ids = Array(ids[start..<min(start + largestCall, ids.count)])
      return piece
    }
  }
}

extension DeadLetterSweep {
  /// A call that may be followed by more of the same.
  struct Calls {
    let door: AdminDoor
    let action: Action
    /// What is not done yet.
    var pieces: [AdminAPI.DeadLetterSelection]
    /// What was done so far.
    private(set) var tally = Tally()

    init(door: AdminDoor, action: Action, pieces: [AdminAPI.DeadLetterSelection]) {
      self.door = door
      self.action = action
      self.pieces = pieces
    }

    /// Makes the next call; nil when none of those that are meant is left.
    mutating func next() async throws -> AdminAnswer? {
      guard let piece = pieces.first else { return nil }
      let answer = try await door.post("v1", "dead-letters", action.rawValue, json: piece)
      let done: AdminAPI.DeadLetterAction = try answer.read()
      guard !done.more || done.deadLetters > 0 else {
        throw CommandFailure(
          "\(door.address) says that there are more dead letters and takes none of them; "
            + "\(HumanText.count(tally.deadLetters)) are done, look at the gateway's log")
      }
      tally.add(done)
      if !done.more { pieces.removeFirst() }
      return answer
    }
  }
}

extension DeadLetterSweep.Tally {
  fileprivate mutating func add(_ done: AdminAPI.DeadLetterAction) {
    deadLetters += done.deadLetters
    events += done.events
    if let name = done.replay, !names.contains(name) { names.append(name) }
    replays += done.replays ?? []
  }
}
