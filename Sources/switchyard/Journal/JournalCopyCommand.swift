import ArgumentParser
import CoreMetrics
import GatewayCore
import Logging
import OpenSSLSigner

/// `switchyard journal copy`: moves a journal that no gateway serves.
struct JournalCopyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copies all of a journal into an empty one, of any kind, and verifies it.",
    discussion: """
      Sequence numbers, positions, retries, dead letters, replays and attempts stay
      what they are, so a gateway goes on with the copy where it has stopped. Stop it
      first: a journal that is served is refused. FROM is only read. TO is empty or not
      there; until it is verified nobody can open it.

      EXAMPLES:
        switchyard journal copy sqlite:switchyard.db sqlite:copy.db
        switchyard journal copy sqlite:switchyard.db \\
          postgres://switchyard@db.example/switchyard --json
      """)

  @Argument(help: ArgumentHelp("\(JournalLocation.expected).", valueName: "from"))
  var from: String

  @Argument(help: ArgumentHelp("The same, of the journal to fill.", valueName: "to"))
  var to: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    for (name, url) in [("FROM", from), ("TO", to)] where JournalLocation(url) == nil {
      // A URL may hold a password.
      let shown = url.contains("://") ? "•••" : url
      throw ValidationError("\(name) is \"\(shown)\"; it must be \(JournalLocation.expected)")
    }
    guard from != to else { throw ValidationError("FROM and TO are the same journal") }
  }

  func run() async throws {
    guard let from = JournalLocation(from), let to = JournalLocation(to) else { return }
    guard !from.isMissing else { throw CommandFailure("there is no journal \(from.shown)") }
    let start = ContinuousClock.now
    let source = try await open(from)
    let target: any Journal & JournalTransfer
    do {
      target = try await open(to)
    } catch {
      await source.close()
      throw error
    }
    let outline: TransferOutline
    do throws(JournalError) {
      outline = try await source.transferOutline()
    } catch {
      await target.close()
      await source.close()
      throw CommandFailure("\(from.shown) cannot be copied: \(error)")
    }
    let copy: CopiedJournal
    do throws(JournalError) {
      let sum = try await self.copy(source, target, outline)
      await target.close()
      await source.close()
      try await verify(to, outline)
      copy = CopiedJournal(from: from.shown, to: to.shown, outline, sha256: sum, took: ContinuousClock.now - start)
    } catch {
      await target.close()
      await source.close()
      throw failure(to, error)
    }
    try LineWriter.standardOutput.print(json ? copy.jsonLine() : copy.text)
  }

  private func open(_ location: JournalLocation) async throws -> any Journal & JournalTransfer {
    let logger = Logger(label: "journal", factory: LogFormat.standard.handlerFactory(level: .warning))
    do throws(JournalError) {
      return try await location.open(clock: Timestamp.now, logger: logger, metrics: NOOPMetricsHandler.instance)
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  private func copy(
    _ source: any JournalTransfer, _ target: any JournalTransfer, _ outline: TransferOutline
  ) async throws(JournalError) -> [UInt8] {
    let bar = ProgressBar(total: outline.records)
    defer { bar?.clear() }
    return try await TransferRun(from: source, to: target, digest: OpenSSLDigest()).run(outline) { phase, done in
      bar?.show(done: done, note: phase == .copying ? "copying" : "verifying")
    }
  }

  /// As the next gateway opens it.
  private func verify(_ location: JournalLocation, _ outline: TransferOutline) async throws(JournalError) {
    let logger = Logger(label: "journal", factory: LogFormat.standard.handlerFactory(level: .warning))
    let journal = try await location.open(
      clock: Timestamp.now, logger: logger, metrics: NOOPMetricsHandler.instance)
    let found = try await journal.transferOutline()
    await journal.close()
    guard found == outline else { throw .unavailable("it does not open as what was copied") }
  }

  private func failure(_ to: JournalLocation, _ error: JournalError) -> CommandFailure {
    if case .refused(let reason) = error {
      return CommandFailure(
        "\(to.shown) cannot be copied to: \(reason); give a journal that holds nothing and that nobody serves")
    }
    return CommandFailure("\(to.shown) is not a copy, and is to be deleted: \(error)")
  }
}
