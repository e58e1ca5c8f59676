import ArgumentParser
import CurlTransport
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import TencentChat

/// `switchyard send`: posts callbacks as Tencent would.
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Posts callbacks as Tencent would: once each, with two seconds for the answer.",
    discussion: """
      Without --file it makes callbacks up, with times and message keys of their own.
      Each account of --to is an item where the command has a list; else the calls take them in turn.
      For a command that Tencent waits for the answers are shown too.
      The token also comes from SWITCHYARD_SEND_TOKEN. Exits with 1 unless every answer is 200 with JSON.

      EXAMPLES:
        switchyard send --from alice --to bob,carol
        switchyard send --command group.message.sent --group @TGS#1
        switchyard send --count 10000 --rate 500 --pairs 20
      """)

  static let tokenEnvironmentName = "SWITCHYARD_SEND_TOKEN"
  static let maxPairs = 100_000

  @Option(help: ArgumentHelp("The callback URL.", valueName: "url"))
  var url = CallbackTarget.standard

  @Option(name: .customLong("sdkappid"), help: ArgumentHelp("The app that the callback is of.", valueName: "number"))
  var appID: Int64 = 1_400_000_000

  @Option(help: ArgumentHelp("Signs each call, as the console's authentication token does.", valueName: "token"))
  var token: String?

  @Option(
    help: ArgumentHelp(
      "A command of 'switchyard catalogue', or its type; default: that of --file, or \(OutgoingCallback.defaultCommand).",
      valueName: "command"))
  var command: String?

  @Option(help: ArgumentHelp("The account that does it.", valueName: "account"))
  var from = "id"

  @Option(help: ArgumentHelp("The accounts it is done to; default: id1,id2,id3.", valueName: "account,…"))
  var to: String?

  @Option(help: ArgumentHelp("Makes up this many accounts instead of --to.", valueName: "number"))
  var pairs: Int?

  @Option(help: ArgumentHelp("The group, where the command is about one.", valueName: "id"))
  var group = "@TGS#2J4SZEAEL"

  @Option(help: ArgumentHelp("Posts this file's bytes as they are; - reads standard input.", valueName: "body.json"))
  var file: String?

  @Option(help: ArgumentHelp("How many calls to make.", valueName: "number"))
  var count = 1

  @Option(help: ArgumentHelp("Calls a second; default: as fast as the answers come.", valueName: "number"))
  var rate: Double?

  @Option(
    name: .customLong("request-id"),
    help: ArgumentHelp("Gives every call this RequestId and the same body, as repeats have.", valueName: "id"))
  var requestID: String?

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    guard appID > 0 else { throw ValidationError("--sdkappid must be a positive number, such as 1400000000") }
    guard count > 0 else { throw ValidationError("--count must be 1 or more") }
    guard rate.map({ (0.001...1_000_000).contains($0) }) ?? true else {
      throw ValidationError("--rate must be from 0.001 to 1000000 calls a second")
    }
    guard to.map({ !$0.split(separator: ",").isEmpty }) ?? true else {
      throw ValidationError("--to must name at least one account, such as id1,id2")
    }
    guard pairs.map({ (1...Self.maxPairs).contains($0) }) ?? true else {
      throw ValidationError("--pairs must be from 1 to \(Self.maxPairs)")
    }
    guard pairs == nil || to == nil else { throw ValidationError("give either --to or --pairs, not both") }
    guard requestID.map({ !$0.isEmpty }) ?? true else { throw ValidationError("--request-id must not be empty") }
    guard file == nil || (to == nil && pairs == nil) else {
      throw ValidationError("--file is posted as it is; leave --to and --pairs out")
    }
  }

  func run() async throws {
    let callback = try callback()
    let logger = Logger(label: "send", factory: LogFormat.standard.handlerFactory(level: .warning))
    let transport = CurlTransport(userAgent: "switchyard-send", threads: 1, logger: logger)
    defer { transport.shutdown() }
    let sender = CallbackSender(
      plan: SendPlan(count: count, rate: rate), transport: transport, request: requests(of: callback))
    let bar = count > 1 ? ProgressBar(total: count) : nil
    let start = ContinuousClock.now
    let tally = await sender.run { bar?.show(done: $0.done) }
    bar?.clear()
    let summary = SendSummary(tally, elapsed: .now - start, showsAnswers: callback.asks)
    try LineWriter.standardOutput.print(json ? try summary.jsonLine() : summary.text)
    if tally.failed > 0 { throw ExitStatus.failure }
  }

  /// The callback to post, made up or read from the file.
  func callback() throws -> OutgoingCallback {
    if let file {
      return try OutgoingCallback(of: command, file: InputFile.read(path: file, limit: OutgoingCallback.maxFileBytes))
    }
    let scene = CallbackScene(
      app: AppID(rawValue: appID), from: from, to: accounts, group: group, now: .now(),
      sequence: .random(in: 1...(.max)), random: .random(in: 1...(.max)))
    return try OutgoingCallback(of: command, scene: scene)
  }

  /// Makes the calls. With a request id of the command line they all have one body too, or none would be a repeat.
  private func requests(of callback: OutgoingCallback) -> @Sendable (Int) -> OutboundRequest {
    let query = OutgoingQuery(
      appID: AppID(rawValue: appID), command: callback.command, token: secretToken, digest: OpenSSLDigest())
    let target = url
    let repeated = requestID.map { (id: $0, body: callback.body(of: 0, now: .now())) }
    return { call in
      let now = Timestamp.now()
      var request = target.request(
        query: query.text(requestID: repeated?.id ?? UUID().uuidString.lowercased(), now: now),
        body: repeated?.body ?? callback.body(of: call, now: now))
      request.keepsAnswer = true
      return request
    }
  }

  private var accounts: [String] {
    if let to { return to.split(separator: ",").map(String.init) }
    return (1...(pairs ?? 3)).map { "id\($0)" }
  }

  private var secretToken: Secret? {
    let given = token ?? ProcessInfo.processInfo.environment[Self.tokenEnvironmentName]
    return given.flatMap { $0.isEmpty ? nil : Secret($0) }
  }
}
