import Synchronization

/// Turns one connection's bytes into lines of output, on the connection's thread: a slow reader slows the stream, and the
/// gateway then says what it leaves out.
final class TailReader: Sendable {
  private struct State {
    var parser = ServerSentEvents()
    var hasOpened = false
    var isUnread = false
    var hasFailed = false
    var onOpen: (@Sendable () -> Void)?
  }

  private let json: Bool
  private let coloured: Bool
  private let output: LineWriter
  private let state = Mutex(State())

  init(json: Bool, coloured: Bool, output: LineWriter = .standardOutput) {
    self.json = json
    self.coloured = coloured
    self.output = output
  }

  var hasOpened: Bool { state.withLock { $0.hasOpened } }
  /// Whether nobody reads the output any more.
  var isUnread: Bool { state.withLock { $0.isUnread } }
  /// Whether something came that is no such stream.
  var hasFailed: Bool { state.withLock { $0.hasFailed } }

  func onOpen(_ act: @escaping @Sendable () -> Void) { state.withLock { $0.onOpen = act } }

  /// False to hear no more.
  func take(_ piece: [UInt8]) -> Bool {
    let (events, opened) = state.withLock { state -> ([ServerSentEvents.Event]?, (@Sendable () -> Void)?) in
      let opened = state.hasOpened ? nil : state.onOpen
      state.hasOpened = true
      return (state.parser.take(piece), opened)
    }
    opened?()
    guard let events else { return fail() }
    for event in events {
      guard let line = line(of: event) else { return fail() }
      guard line.isEmpty || output.write(line) != .closed else {
        state.withLock { $0.isUnread = true }
        return false
      }
    }
    return true
  }

  private func fail() -> Bool {
    state.withLock { $0.hasFailed = true }
    return false
  }

  /// Empty for what is not shown; nil if it cannot be read.
  private func line(of event: ServerSentEvents.Event) -> String? {
    let answer = AdminAnswer(body: Array(event.data.utf8), address: .standard)
    switch event.name {
    case "attempt":
      if json { return try? answer.line() }
      return (try? answer.read(as: AdminAPI.Attempt.self)).map { $0.line(coloured: coloured) }
    case "dropped":
      struct Dropped: Decodable { var attempts: Int }
      guard let dropped = try? answer.read(as: Dropped.self) else { return nil }
      let number = HumanText.count(dropped.attempts, "attempt")
      LineWriter.standardError.tell("\(number) left out: they come faster than they are read here")
      return ""
    default: return ""
    }
  }
}
