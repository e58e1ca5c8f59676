import GatewayCore

/// The bounds of a routes file, and of the values in it.
enum RoutesLimits {
  /// Of the routes file and of each include.
  static let fileSize = ByteSize.mebibytes(1)
  static let includedFiles = 256
  /// After aliases have been followed, so that a few of them cannot stand for billions of nodes.
  static let nodesPerFile = 250_000
  /// Keys that stand once more in a mapping, each told at its place. The file is parsed anew for each.
  static let repeatedKeys = 100
  /// Of a file that `${file:…}` names.
  static let referencedFileSize = ByteSize(bytes: 64 << 10)
  static let addressFileSize = ByteSize.mebibytes(1)
  /// Of a `ca_file`; the system's own is a quarter of this.
  static let authoritiesFileSize = ByteSize.mebibytes(1)
  /// Of a `certificate_file` and of a `key_file`.
  static let identityFileSize = ByteSize(bytes: 64 << 10)

  static let tokens = 1...10
  static let secrets = 1...10
  static let addresses = 1...10_000
  static let patterns = 1...1000
  /// Of one field of `match`.
  static let globs = 1...1000
  static let globBytes = 256
  static let appsOfSubscriber = 1...10_000
  static let decisions = 100
  static let commands = 1...100
  /// Of a decider: Tencent waits for two seconds in all.
  static let decisionTimeout = Duration.milliseconds(10)...Duration.milliseconds(1400)
  static let headers = 64
  static let headerValueBytes = 8192
  static let urlBytes = 2048
  static let ownerCharacters = 128

  static let concurrency = 1...1024
  static let timeout = Duration.milliseconds(10)...Duration.seconds(600)
  static let retryDelays = 1...64
  static let retryDelay = Duration.milliseconds(1)...Duration.seconds(30 * day)
  static let jitter = 0.0...1.0
  static let giveUpAfter = Duration.milliseconds(1)...Duration.seconds(365 * day)
  static let retryAfterMax = Duration.zero...Duration.seconds(30 * day)
  static let permanentStatus = 400...599
  static let openAfter = 1...1000
  static let probeEvery = Duration.milliseconds(10)...Duration.seconds(day)
  static let batchEvents = 1...1000
  static let batchWait = Duration.zero...Duration.seconds(60)
  static let keep = Duration.milliseconds(1)...Duration.seconds(3650 * day)
  static let duplicatesWithin = Duration.milliseconds(1)...Duration.seconds(365 * day)
  /// A century: someone who replays recorded callbacks has to accept old times.
  static let clockTolerance = Duration.zero...Duration.seconds(36_500 * day)

  private static let day: Int64 = 86_400
}
