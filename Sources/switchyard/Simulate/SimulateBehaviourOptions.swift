import ArgumentParser
import ChatSimulator
import GatewayCore

/// The flags that make Tencent's side slow, failing or insistent.
struct SimulateBehaviourOptions: ParsableArguments {
  static let maxRetries = 10

  @Option(
    help: ArgumentHelp("How long every answer takes, such as 200ms.", valueName: "duration"),
    transform: Duration.argument)
  var latency: Duration?

  @Option(
    help: ArgumentHelp(
      "Fails this share of all rows with this code, such as 30006=0.1; repeatable.", valueName: "code=ratio"))
  var failRow: [RowFaults.Fault] = []

  @Option(help: ArgumentHelp("Makes --fail-row fail the same rows of a sequence each time.", valueName: "number"))
  var seed: UInt64?

  @Option(
    defaultAsFlag: 1,
    help: ArgumentHelp("How often a callback is posted again that timed out.", valueName: "times"))
  var retryOnTimeout: Int?

  func validate() throws {
    guard failRow.reduce(0, { $0 + $1.ratio }) <= 1 else {
      throw ValidationError("the ratios of --fail-row must add up to 1 at most")
    }
    guard (0...Self.maxRetries).contains(retryOnTimeout ?? 0) else {
      throw ValidationError("--retry-on-timeout must be from 0 to \(Self.maxRetries)")
    }
  }

  var faults: RowFaults { RowFaults(failRow, seed: seed ?? .random(in: .min ... .max)) }
}

extension RowFaults.Fault: ExpressibleByArgument {
  /// Reads `30006=0.1`.
  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let code = Int(parts[0]), RowFaults.codes.contains(code), let ratio = Double(parts[1]),
      (0...1).contains(ratio)
    else { return nil }
    self.init(code: code, ratio: ratio)
  }
}
