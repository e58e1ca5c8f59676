import ArgumentParser
import ChatSimulator
import CurlTransport
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import TencentChat
import UnixSignals

/// `switchyard simulate`: a local stand-in for Tencent's Chat REST API.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Stands in for Tencent's Chat REST API: keeps relationships in memory, posts the callbacks of changes.",
    discussion: """
      It has black_list_add, black_list_delete, friend_add and friend_delete under /v4/sns/.
      Any usersig that is not empty is taken. The token also comes from SWITCHYARD_SIMULATE_TOKEN.

      EXAMPLES:
        switchyard simulate --callback-url http://127.0.0.1:8080/
        switchyard simulate --callback-url http://127.0.0.1:8080/ --json
      """)

  static let tokenEnvironmentName = "SWITCHYARD_SIMULATE_TOKEN"

  @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: 8081)

  @Option(help: ArgumentHelp("Where callbacks are posted.", valueName: "url"))
  var callbackURL: CallbackTarget

  @Option(help: ArgumentHelp("Signs each callback, as the console's authentication token does.", valueName: "token"))
  var token: String?

  @OptionGroup(title: "What calls are held against")
  var rules: SimulateRulesOptions

  @OptionGroup(title: "How Tencent's side behaves")
  var behaviour: SimulateBehaviourOptions

  @OptionGroup(title: "What Tencent's documents leave open")
  var choices: SimulateChoicesOptions

  @Flag(help: "Print one JSON object a call.")
  var json = false

  func run() async throws {
    let (stops, stop) = AsyncStream<Void>.makeStream()
    let lines = SimulateLines(isJSON: json) { stop.yield() }
    let endpoint = try endpoint()
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let logger = Logger(label: "simulate", factory: LogFormat.standard.handlerFactory(level: .warning))
    let transport = CurlTransport(userAgent: "switchyard-simulate", threads: 1, logger: logger)
    defer { transport.shutdown() }
    let host = listen.host
    let simulator = ChatSimulator(
      configuration: configuration, endpoint: endpoint, callbacks: callbacks, transport: transport,
      digest: OpenSSLDigest(), observer: lines, logger: logger
    ) { port in
      LineWriter.standardError.tell("listening on http://\(ListenAddress(host: host, port: port))")
    }
    try await withThrowingTaskGroup { group in
      group.addTask {
        for await _ in signals { break }
        await simulator.stop()
      }
      group.addTask {
        for await _ in stops { break }
        await simulator.stop()
      }
      do {
        try await simulator.run()
      } catch let error as SimulatorError {
        throw CommandFailure(error.description)
      }
      group.cancelAll()
    }
    LineWriter.standardError.tell(lines.tally.text)
  }

  var configuration: SimulatorConfiguration {
    var configuration = SimulatorConfiguration(host: listen.host, port: listen.port)
    configuration.latency = behaviour.latency ?? .zero
    return configuration
  }

  var callbacks: CallbackSettings {
    var settings = CallbackSettings(target: callbackURL, token: secretToken)
    settings.delay = choices.callbackDelay ?? .zero
    settings.retriesOnTimeout = behaviour.retryOnTimeout ?? 0
    return settings
  }

  /// The REST API with what is to be there from the start.
  func endpoint() throws -> RESTEndpoint {
    let rules = rules.rules(choices: choices.choices)
    return RESTEndpoint(rules: rules, start: try self.rules.start(faults: behaviour.faults))
  }

  private var secretToken: Secret? {
    let given = token ?? ProcessInfo.processInfo.environment[Self.tokenEnvironmentName]
    return given.flatMap { $0.isEmpty ? nil : Secret($0) }
  }
}
