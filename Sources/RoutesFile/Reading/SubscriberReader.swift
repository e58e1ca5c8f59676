import GatewayCore

/// Reads one item of `subscribers`.
struct SubscriberReader {
  private static let ownKeys = ["name", "url", "secrets", "events"]
  /// May stand in `defaults` as well.
  static let sharedKeys = [
    "apps", "match", "format", "batch", "ordering", "start", "timeout", "connect_timeout", "concurrency", "rate_limit",
    "headers", "retry", "breaker", "keep", "private_addresses", "unsigned", "owner", "paused", "tls",
  ]
  static let keys = ownKeys + sharedKeys
  private static let what = "a subscriber"

  let rules: RoutesRules
  let session: LoadSession
  /// The apps of the file.
  let apps: Set<AppID>

  /// Checks `defaults` by itself: no subscriber may be there to use it.
  func checkDefaults(_ node: SourceNode) {
    for entry in node.entries where Self.ownKeys.contains(entry.key) {
      session.error("\"\(entry.key)\" may not stand in \"defaults\"; give it to each subscriber", at: entry.location)
    }
    guard let mapping = MappingReader(node, what: "\"defaults\"", keys: Self.keys, session: session) else { return }
    var unused = Self.blank
    applySettings(mapping, to: &unused)
    _ = mapping["unsigned"]?.boolean()
    _ = mapping["tls"].flatMap(TLSReader(rules: rules, session: session).read)
  }

  /// Nil if its name or its URL will not do.
  func read(_ value: ValueReader, defaults: SourceNode?) -> Subscriber? {
    let shared = defaults?.entries.filter { Self.sharedKeys.contains($0.key) } ?? []
    guard
      let mapping = MappingReader(
        value.node.filled(from: shared, merging: ["retry", "batch", "breaker", "tls"]), what: Self.what,
        keys: Self.keys,
        session: session)
    else { return nil }
    var subscriber = Self.blank
    let name = mapping.required("name").flatMap(Self.name)
    let webhook = WebhookReader(rules: rules, session: session, what: Self.what)
    let url = mapping.required("url").flatMap(webhook.url)
    subscriber.events = mapping.required("events").map(events) ?? []
    applySettings(mapping, to: &subscriber)
    subscriber.secrets = webhook.secrets(mapping)
    subscriber.endpoint.tls = webhook.tls(mapping, own: value.node.entry("tls"), url)
    guard let name, let url else { return nil }
    subscriber.name = name
    subscriber.endpoint.url = url.text
    return subscriber
  }

  static func name(_ value: ValueReader) -> String? {
    guard let text = value.text() else { return nil }
    let isName =
      (1...63).contains(text.utf8.count)
      && text.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    if isName { return text }
    value.fail("the name \"\(value.shown)\" must be 1 to 63 of a-z, 0-9 and \"-\"")
    return nil
  }

  /// Holds the defaults of all settings.
  private static var blank: Subscriber {
    Subscriber(
      name: "",
      endpoint: Endpoint(url: "", timeout: .seconds(10), connectTimeout: .seconds(3), privateAddresses: .allow),
      secrets: [], events: [])
  }

  private func applySettings(_ mapping: MappingReader, to subscriber: inout Subscriber) {
    subscriber.apps = mapping["apps"].flatMap { AppReader.ids($0, among: apps) }
    subscriber.match = mapping["match"].flatMap(MatchReader(session: session).read)
    applyForm(mapping, to: &subscriber)
    subscriber.start = mapping["start"].flatMap(start) ?? subscriber.start
    applyEndpoint(mapping, to: &subscriber.endpoint)
    subscriber.concurrency = mapping["concurrency"]?.integer(in: RoutesLimits.concurrency) ?? subscriber.concurrency
    subscriber.rateLimit = mapping["rate_limit"].flatMap(rateLimit)
    subscriber.headers = mapping["headers"].map(HeaderReader(session: session).read) ?? subscriber.headers
    applyRetry(mapping, to: &subscriber)
    subscriber.breaker = mapping["breaker"].map(BreakerReader(session: session).read) ?? subscriber.breaker
    subscriber.keep = mapping["keep"]?.duration(in: RoutesLimits.keep) ?? subscriber.keep
    subscriber.owner = mapping["owner"].flatMap(owner)
    subscriber.paused = mapping["paused"]?.boolean() ?? subscriber.paused
  }

  private func applyForm(_ mapping: MappingReader, to subscriber: inout Subscriber) {
    subscriber.format = mapping["format"]?.choice(DeliveryForm.self) ?? subscriber.format
    subscriber.batch = mapping["batch"].map(BatchReader(session: session).read) ?? subscriber.batch
    subscriber.ordering = mapping["ordering"]?.choice(Subscriber.Ordering.self) ?? subscriber.ordering
    if subscriber.format == .original, subscriber.ordering == .key {
      session.error(
        "\"format: original\" sends callbacks unsplit, which have no ordering key; remove \"ordering: key\"",
        at: mapping["ordering"]?.node.location ?? mapping.location)
    }
  }

  /// A failing delivery holds back those of its key, so it is given up sooner where there are such.
  private func applyRetry(_ mapping: MappingReader, to subscriber: inout Subscriber) {
    if subscriber.ordering == .key { subscriber.retry.giveUpAfter = RetryPolicy.orderedGiveUpAfter }
    guard let retry = mapping["retry"] else { return }
    subscriber.retry = RetryReader(session: session).read(retry, defaults: subscriber.retry)
  }

  private func applyEndpoint(_ mapping: MappingReader, to endpoint: inout Endpoint) {
    endpoint.timeout = mapping["timeout"]?.duration(in: RoutesLimits.timeout) ?? endpoint.timeout
    endpoint.connectTimeout = mapping["connect_timeout"]?.duration(in: RoutesLimits.timeout) ?? endpoint.connectTimeout
    endpoint.privateAddresses =
      mapping["private_addresses"]?.choice(Endpoint.PrivateAddresses.self) ?? endpoint.privateAddresses
  }

  private func events(_ value: ValueReader) -> [EventPattern] {
    value.list(of: RoutesLimits.patterns)?.compactMap(pattern) ?? []
  }

  private func pattern(_ item: ValueReader) -> EventPattern? {
    guard let text = item.text() else { return nil }
    guard let pattern = EventPattern(text) else {
      item.fail("\"\(item.shown)\" is not a pattern; \"*\" may stand at its end only")
      return nil
    }
    if rules.events.has(matchFor: pattern) { return pattern }
    let suggestion = rules.events.suggestion(for: pattern)
    if KnownEvents.isCommand(pattern) {
      session.warn("\"\(item.shown)\" is no command that this version knows\(suggestion)", at: item.node.location)
      return pattern
    }
    item.fail("\"\(item.shown)\" matches no event\(suggestion)")
    return nil
  }

  private func start(_ value: ValueReader) -> Subscriber.Start? {
    guard let text = value.text() else { return nil }
    switch text {
    case "now": return .now
    case "earliest": return .earliest
    default:
      if let time = Timestamp(text) {
        if time > .now() { value.fail("\"start\" must not lie in the future; say now, or a time that has passed") }
        return .at(time)
      }
      value.fail(
        "\"start\" must be now, earliest or a time as in 2026-11-20T20:36:00Z, not \"\(value.shown)\""
          + Suggestion.clause(for: value.shown, among: ["now", "earliest"]))
      return nil
    }
  }

  private func rateLimit(_ value: ValueReader) -> RateLimit? {
    guard let text = value.text(), text != "none" else { return nil }
    guard let limit = RateLimit(text: text) else {
      value.fail(
        "\"rate_limit\" must be none, or a number from 1 to \(RateLimit.counts.upperBound) and /s, /m or /h, as in 500/s, "
          + "not \"\(value.shown)\"")
      return nil
    }
    return limit
  }

  private func owner(_ value: ValueReader) -> String? {
    guard let text = value.text() else { return nil }
    guard text.count <= RoutesLimits.ownerCharacters, !text.contains(where: \.isNewline) else {
      value.fail("\"owner\" must be one line of at most \(RoutesLimits.ownerCharacters) characters")
      return nil
    }
    return text
  }
}
