import AdminServer
import CallbackServer
import GatewayCore
import Logging

/// The settings of `switchyard serve`, read and checked.
struct ServeSettings {
  var routes: String
  var listen: ListenAddress
  var callbackPaths: [String]
  var admin: ListenAddress
  var adminTokens: AdminTokenSources
  var journal: JournalLocation
  /// The spool's file; nil without one.
  var spool: String?
  var trustedProxies: [AddressRange]
  var tls: TLSFiles?
  var ackDeadline: Duration
  var ingestMemory: ByteSize
  var retain: Duration
  var journalMaxSize: ByteSize?
  var linger: Duration
  var drain: Duration
  var logLevel: Logger.Level
  var logFormat: LogFormat?

  init(_ options: ServeOptions, environment: [String: String]) throws(SettingError) {
    let source = SettingsSource(environment: environment)
    let address = "an address like 127.0.0.1:8080 or [::1]:8080"
    let size = "a size like 256MiB or 10GiB"
    let text: (String) -> String? = { $0.isEmpty ? nil : $0 }
    routes = try source.value("--routes", options.routes, default: "routes.yaml", expected: "a file", read: text)
    listen = try source.value(
      "--listen", options.listen, default: ListenAddress(host: "0.0.0.0", port: 8080), expected: address,
      read: ListenAddress.init(argument:))
    admin = try source.value(
      "--admin", options.admin, default: ListenAddress(host: "127.0.0.1", port: 8090), expected: address,
      read: ListenAddress.init(argument:))
    adminTokens = try Self.tokens(environment)
    callbackPaths = try source.value(
      "--callback-path", options.callbackPath.isEmpty ? nil : options.callbackPath.joined(separator: ","),
      default: ["/", "/callback"], expected: "a path that starts with / and has no ?, # or space", read: Self.paths)
    journal = try source.value(
      "--journal", options.journal, default: .sqlite(path: "./switchyard.db"),
      expected: JournalLocation.expected, read: JournalLocation.init)
    spool = try source.optional("--spool", options.spool, expected: "a file", read: text)
    if let spool, case .sqlite = journal {
      throw SettingError(
        description: """
          --spool \(spool) is for a journal on PostgreSQL, and \(journal.shown) is on this machine already; leave \
          --spool out, or give a --journal postgres://…
          """)
    }
    trustedProxies = try source.value(
      "--trusted-proxies", options.trustedProxies, default: [], expected: "addresses or CIDRs, separated by commas",
      read: Self.ranges)
    tls = try Self.tls(options, source)
    ackDeadline = try source.duration("--ack-deadline", options.ackDeadline, default: .milliseconds(1500))
    guard ackDeadline > .zero else {
      throw SettingError(description: "--ack-deadline 0s would refuse every callback; give it some time, as in 1500ms")
    }
    ingestMemory = try source.value(
      "--ingest-memory", options.ingestMemory, default: .mebibytes(256),
      expected: "at least \(Self.oneBody.text), as in 256MiB",
      read: { ByteSize(text: $0).flatMap { $0 < Self.oneBody ? nil : $0 } })
    retain = try source.duration("--retain", options.retain, default: .seconds(72 * 3600))
    journalMaxSize = try source.optional("--journal-max-size", options.journalMaxSize, expected: size, read: Self.size)
    linger = try source.duration("--linger", options.linger, default: .zero)
    drain = try source.duration("--drain", options.drain, default: .seconds(15))
    logLevel = try source.value(
      "--log-level", options.logLevel, default: .info, expected: "trace, debug, info, notice, warning or error",
      read: Logger.Level.init(rawValue:))
    logFormat = try source.optional(
      "--log-format", options.logFormat, expected: "text or json", read: LogFormat.init(rawValue:))
  }

  private static func paths(_ text: String) -> [String]? {
    let paths = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let areGood = paths.allSatisfy { path in
      path.hasPrefix("/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 }
    }
    return areGood ? paths : nil
  }

  private static func ranges(_ text: String) -> [AddressRange]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let ranges = parts.compactMap { AddressRange($0.drop { $0 == " " }) }
    return ranges.count == parts.count ? ranges : nil
  }

  /// With less room not every callback that the door lets in could be taken.
  private static let oneBody = ByteSize(bytes: CallbackServerLimits().bodySize)

  private static func size(_ text: String) -> ByteSize? {
    ByteSize(text: text).flatMap { $0.bytes > 0 ? $0 : nil }
  }

  private static func tokens(_ environment: [String: String]) throws(SettingError) -> AdminTokenSources {
    do throws(AdminTokenError) {
      return try AdminTokenSources(environment: environment)
    } catch {
      throw SettingError(description: error.description)
    }
  }

  private static func tls(
    _ options: ServeOptions, _ source: SettingsSource
  ) throws(SettingError) -> TLSFiles? {
    let file: (String) -> String? = { $0.isEmpty ? nil : $0 }
    let certificate = try source.optional(
      "--tls-certificate", options.tlsCertificate, expected: "a file", read: file)
    let key = try source.optional("--tls-key", options.tlsKey, expected: "a file", read: file)
    switch (certificate, key) {
    case (nil, nil): return nil
    case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
    default:
      throw SettingError(description: "--tls-certificate and --tls-key go together: set both, or neither")
    }
  }
}
