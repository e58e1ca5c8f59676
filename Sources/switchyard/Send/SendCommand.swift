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
      Without --file it makes up a callback with one pair for each account of --to.
      The token also comes from SWITCHYARD_SEND_TOKEN. Exits with 1 unless every answer is 200.
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
      "The callback command; default: what --file names, else \(OutgoingCallback.defaultCommand.rawValue).",
      valueName: "command"))
  var command: String?

  @Option(help: ArgumentHelp("The account that does it.", valueName: "account"))
  var from = "id"

  @Option(help: ArgumentHelp("The accounts it is done to; default: id1,id2,id3.", valueName: "account,…"))
  var to: String?

  @Option(help: ArgumentHelp("Makes up this many accounts instead of --to.", valueName: "number"))
  var pairs: Int?

  @Option(help: ArgumentHelp("Posts this file's bytes as they are; - reads standard input.", valueName: "body.json"))
  var file: String?

  @Option(help: ArgumentHelp("How many calls to make.", valueName: "number"))
  var count = 1

  @Option(help: ArgumentHelp("Calls a second; default: as fast as the answers come.", valueName: "number"))
  var rate: Double?

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
    guard file == nil || (to == nil && pairs == nil) else {
      throw ValidationError("--file is posted as it is; leave --to and --pairs out")
    }
  }

  func run() async throws {
    let callback = try callback()
    let query = OutgoingQuery(
      appID: AppID(rawValue: appID), command: callback.command, token: secretToken, digest: OpenSSLDigest())
    let target = url
    let logger = Logger(label: "send", factory: LogFormat.standard.handlerFactory(level: .warning))
    let transport = CurlTransport(userAgent: "switchyard-send", threads: 1, logger: logger)
    defer { transport.shutdown() }
    let sender = CallbackSender(plan: SendPlan(count: count, rate: rate), transport: transport) {
      let requestID = UUID().uuidString.lowercased()
      return target.request(query: query.text(requestID: requestID, now: .now()), body: callback.body)
    }
    let bar = count > 1 ? ProgressBar(total: count) : nil
    let start = ContinuousClock.now
    let tally = await sender.run { bar?.show(done: $0.done) }
    bar?.clear()
    let summary = SendSummary(tally, elapsed: .now - start)
    LineWriter.standardOutput.write(json ? try summary.json() : summary.text)
    if tally.failed > 0 { throw ExitStatus.failure }
  }

  /// The callback to post, made up or read from the file.
  func callback() throws -> OutgoingCallback {
    if let file {
      return try OutgoingCallback(
        command: command, body: InputFile.read(path: file, limit: OutgoingCallback.maxFileBytes))
    }
    return try OutgoingCallback(command: command, from: from, to: accounts)
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
