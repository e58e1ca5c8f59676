/// Tells one set of settings from another without showing them: sixteen hex digits of a digest over all of them, what is
/// secret included.
package struct SettingsFingerprint {
  private var bytes: [UInt8] = []

  /// Each part with its length in front, so that no two lists of parts give the same bytes.
  fileprivate mutating func add(_ parts: [[UInt8]]) {
    bytes += "\(parts.count);".utf8
    for part in parts {
      bytes += "\(part.count):".utf8
      bytes += part
    }
  }

  fileprivate mutating func add(_ parts: [String]) { add(parts.map { Array($0.utf8) }) }
  fileprivate mutating func add(_ value: some CustomStringConvertible) { add(["\(value)"]) }
  fileprivate mutating func add(_ duration: Duration) { add("\(duration.milliseconds)") }
  fileprivate mutating func add(_ apps: Set<AppID>?) { add(apps.map { $0.map { "\($0)" }.sorted() } ?? ["all"]) }
  fileprivate mutating func add(_ secrets: [Secret]) { add(secrets.map(\.exposed)) }
  fileprivate mutating func add(_ headers: [WebhookRequest.Header]) {
    add(headers.flatMap { [$0.name, $0.value.exposed] })
  }

  fileprivate mutating func add(_ endpoint: Endpoint) {
    add([endpoint.url, endpoint.privateAddresses.rawValue])
    add(endpoint.timeout)
    add(endpoint.connectTimeout)
    add([endpoint.tls?.authorities ?? [], endpoint.tls?.identity?.certificates ?? []])
    add([endpoint.tls?.identity?.key.exposed ?? []])
  }

  fileprivate func text(_ digest: any Digest) -> String {
    Hex.text(digest.sha256([bytes]).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension Subscriber {
  /// Differs when anything of it differs.
  package func fingerprint(_ digest: any Digest) -> String {
    var print = SettingsFingerprint()
    print.add([name, format.rawValue, ordering.rawValue, start.text, owner ?? "", "\(owner != nil)", "\(paused)"])
    print.add(endpoint)
    print.add(secrets)
    print.add(events.map(\.text))
    print.add(apps)
    print.add((match?.conditions ?? []).flatMap { ["\($0.field)"] + $0.globs.map(\.text) + [""] })
    print.add(batch.maxEvents)
    print.add(batch.maxWait)
    print.add(concurrency)
    print.add([rateLimit.map { "\($0.count)/\($0.period.milliseconds)" } ?? "none"])
    print.add(retry.delays.map { "\($0.milliseconds)" })
    print.add(["\(retry.jitter)"] + retry.permanentStatuses.sorted().map(String.init))
    print.add(retry.giveUpAfter)
    print.add(retry.retryAfterMax)
    print.add(breaker.openAfter)
    print.add(breaker.probeEvery)
    print.add(keep)
    print.add(headers)
    return print.text(digest)
  }
}

extension Subscriber.Start {
  fileprivate var text: String {
    switch self {
    case .now: "now"
    case .earliest: "earliest"
    case .at(let moment): "\(moment)"
    }
  }
}

extension AppConfiguration {
  /// Differs when anything of it differs.
  package func fingerprint(_ digest: any Digest) -> String {
    var print = SettingsFingerprint()
    print.add(["\(id)", allowMode.rawValue, "\(duplicates)"])
    print.add(tokens)
    print.add(clockTolerance)
    print.add(allowedAddresses.map { $0.map(\.description) } ?? ["all"])
    return print.text(digest)
  }
}

extension Routes {
  /// Differs when anything of its decisions differs.
  package func decisionsFingerprint(_ digest: any Digest) -> String {
    var print = SettingsFingerprint()
    for decision in decisions {
      print.add(decision.commands)
      print.add(decision.apps)
      print.add(decision.endpoint)
      print.add(decision.secrets)
      print.add(decision.headers)
      print.add([decision.onFailure.rawValue, decision.misconfigured ?? ""])
    }
    return print.text(digest)
  }
}
