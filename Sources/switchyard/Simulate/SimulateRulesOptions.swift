import ArgumentParser
import ChatSimulator
import GatewayCore

/// The flags that say who may call, and what accounts there are.
struct SimulateRulesOptions: ParsableArguments {
  /// For about a million accounts.
  static let maxFileBytes = 256 << 20

  /// Whether there are accounts that the seed file does not name.
  enum Unlisted: String, ExpressibleByArgument, CaseIterable { case exist, missing }

  @Option(
    name: .customLong("sdkappid"),
    help: ArgumentHelp(
      "An app, with relationships of its own; repeatable. Without it every app is simulated.", valueName: "number"))
  var appIDs: [Int64] = []

  @Option(help: ArgumentHelp("An account that may call; repeatable.", valueName: "account"))
  var admin: [String] = ["administrator"]

  @Option(help: ArgumentHelp("Calls a second for each app and command; 0: no limit.", valueName: "number"))
  var rateLimit = RESTRules.standardCallsPerSecond

  @Option(
    help: ArgumentHelp("JSON lines with accounts, friends and blocks to begin with.", valueName: "file"))
  var accounts: String?

  @Option(
    help: ArgumentHelp(
      "Whether accounts exist that --accounts does not name; default: missing with it, else exist.",
      valueName: "exist|missing"))
  var unlistedAccounts: Unlisted?

  func validate() throws {
    guard appIDs.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("--sdkappid must be a positive number, such as 1400000000")
    }
    guard admin.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("--admin must name an account") }
    guard rateLimit >= 0 else { throw ValidationError("--rate-limit must be 0 or more calls a second") }
  }

  func rules(choices: SimulatorChoices) -> RESTRules {
    var rules = RESTRules(apps: apps, administrators: Set(admin.map { AccountID($0) }))
    rules.callsPerSecond = rateLimit == 0 ? nil : rateLimit
    rules.choices = choices
    return rules
  }

  /// - Throws: Bad configuration, which has been told, where the seed file cannot be taken.
  func start(faults: RowFaults) throws -> StartingGraphs {
    let unlistedExist = unlistedAccounts.map { $0 == .exist } ?? (accounts == nil)
    let graph = RelationshipGraph(accounts: AccountDirectory(unlistedExist: unlistedExist), faults: faults)
    guard let accounts else { return StartingGraphs(others: graph) }
    do {
      let bytes = try InputFile.read(path: accounts, limit: Self.maxFileBytes)
      return try WorldSeed(bytes).graphs(of: apps, from: graph)
    } catch {
      let sentence = (error as? SeedError).map { "\(accounts): \($0)" } ?? "\(error)"
      LineWriter.standardError.tell("switchyard: \(sentence)")
      throw ExitStatus.configuration
    }
  }

  /// Nil: every one there could be.
  private var apps: Set<AppID>? { appIDs.isEmpty ? nil : Set(appIDs.map(AppID.init(rawValue:))) }
}
