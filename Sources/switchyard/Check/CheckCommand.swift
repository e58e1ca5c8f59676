import ArgumentParser
import GatewayCore
import OpenSSLSigner
import RoutesFile
import RoutesSchema

/// `switchyard check`: validates a routes file without serving it.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validates a routes file: every problem at once, with its line and column.",
    discussion: """
      Problems go to standard error. Exits with 78 if anything is wrong; warnings alone are no error.
      With --against it says what the file would change in a running gateway: + is added, - removed, ~ changed.

      EXAMPLES:
        switchyard check
        switchyard check routes.yaml --against http://127.0.0.1:8090
        switchyard check --json-schema > routes.schema.json
      """)

  @Argument(help: "The routes file.", completion: .file(extensions: ["yaml", "yml"]))
  var routes = "routes.yaml"

  @Option(help: ArgumentHelp("Say what it would change in the gateway with this admin door.", valueName: "url"))
  var against: AdminAddress?

  @Flag(help: "Print the JSON Schema of routes files, for editors; reads no file.")
  var jsonSchema = false

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func validate() throws {
    guard !jsonSchema || against == nil else {
      throw ValidationError("give either --json-schema or --against, not both")
    }
  }

  func run() async throws {
    guard !jsonSchema else { return try LineWriter.standardOutput.print(RoutesSchema.text) }
    let (report, loaded) = CheckReport.of(routes, loader: .standard())
    var told = report
    if let against, let loaded { told.difference = try await difference(of: loaded.routes, against) }
    if json {
      try LineWriter.standardOutput.print(try told.jsonLine())
    } else {
      for line in told.lines { LineWriter.standardError.tell(line) }
      if told.isGood { try LineWriter.standardOutput.print(told.summary) }
    }
    if !told.isGood { throw ExitStatus.configuration }
  }

  private func difference(of routes: Routes, _ address: AdminAddress) async throws -> CheckedDifference {
    let running = try await RunningRoutes.read(from: try .standard(at: address))
    if running.isStale {
      LineWriter.standardError.tell(
        "\(address) refused its own routes file when it last read it; what follows is against the older one in force")
    }
    return CheckedDifference(
      against: address.description, change: running.difference(to: routes, digest: OpenSSLDigest()))
  }
}
