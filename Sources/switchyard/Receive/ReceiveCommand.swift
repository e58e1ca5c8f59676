import ArgumentParser
import Foundation
import GatewayCore
import UnixSignals

/// `switchyard receive`: a subscriber to try things with.
struct ReceiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "Receives events as a subscriber: verifies signatures, prints a line an event, misbehaves on purpose.",
    discussion: """
      A batch has a line for each of its events, a whole callback one line.
      Without a secret nothing is verified. With one, a wrong, missing or old signature is answered 401.
      A secret is a whsec_… secret, or the whpk_… public key of a whsk_… secret.
      Secrets also come from SWITCHYARD_RECEIVE_SECRET, several with spaces between them.

      EXAMPLES:
        switchyard receive --secret-file secrets/audit
        switchyard receive --listen 127.0.0.1:9102 --fail 0.1 --delay 200ms
      """)

  @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: 9101)

  @Option(help: ArgumentHelp("A secret or public key to verify with; repeatable.", valueName: "whsec_…|whpk_…"))
  var secret: [String] = []

  @Option(help: ArgumentHelp("A file with secrets or public keys to verify with; repeatable.", valueName: "file"))
  var secretFile: [String] = []

  @Option(help: ArgumentHelp("The share of deliveries to refuse, 0 to 1.", valueName: "ratio"))
  var fail = 0.0

  @Option(help: ArgumentHelp("What refused deliveries are answered, 300 to 599.", valueName: "status"))
  var failStatus = 500

  @Option(help: ArgumentHelp("Makes --fail refuse the same events of a sequence each time.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("How long every answer waits, such as 200ms.", valueName: "duration"),
    transform: Duration.argument)
  var delay: Duration?

  @Flag(help: "Print one JSON object an event or whole callback.")
  var json = false

  func validate() throws {
    guard (0...1).contains(fail) else { throw ValidationError("--fail must be a ratio from 0 to 1, such as 0.1") }
    guard (300...599).contains(failStatus) else { throw ValidationError("--fail-status must be from 300 to 599") }
  }

  func run() async throws {
    let (stops, stop) = AsyncStream<Void>.makeStream()
    let receiver = try receiver { stop.yield() }
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let server = try await ReceiveServer.start(on: listen, receiver: receiver)
    LineWriter.standardError.tell("listening on http://\(server.address)")
    await withTaskGroup { group in
      group.addTask { for await _ in signals { break } }
      group.addTask { for await _ in stops { break } }
      await group.next()
      group.cancelAll()
    }
    server.stop()
    LineWriter.standardError.tell(receiver.tally.text)
  }

  /// - Parameter readerGone: called when nobody reads the lines any more.
  private func receiver(readerGone: @escaping @Sendable () -> Void) throws -> Receiver {
    let secrets = try ReceiveSecrets.gather(
      flags: secret, environment: ProcessInfo.processInfo.environment, files: secretFile)
    let json = json
    return Receiver(
      check: try SignatureCheck(secrets: secrets),
      misbehaviour: Misbehaviour(ratio: fail, status: failStatus, seed: seed ?? .random(in: .min ... .max)),
      delay: delay ?? .zero
    ) { receipt in
      let outcome = LineWriter.standardOutput.write(json ? receipt.json : receipt.text)
      if outcome == .closed { readerGone() }
    }
  }
}
