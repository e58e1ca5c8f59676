import GatewayCore
import OrderedCollections

/// Reads the parsed documents into apps and subscribers.
struct RoutesReader {
  private static let keys = ["version", "include", "apps", "defaults", "subscribers", "decisions"]
  private static let keysOfInclude = ["version", "subscribers"]

  let rules: RoutesRules
  let session: LoadSession
  /// Whether a broken app or subscriber is taken out of the routes instead of spoiling them all.
  let disablesBroken: Bool

  private(set) var apps: OrderedDictionary<AppID, AppConfiguration> = [:]
  private(set) var subscribers: OrderedDictionary<String, Subscriber> = [:]
  private(set) var misconfigured: OrderedDictionary<String, String> = [:]
  private var appLocations: [AppID: SourceLocation] = [:]
  private var subscriberLocations: [String: SourceLocation] = [:]

  init(rules: RoutesRules, session: LoadSession, disablesBroken: Bool) {
    self.rules = rules
    self.session = session
    self.disablesBroken = disablesBroken
  }

  mutating func read(_ documents: RoutesDocuments) {
    let main = documents.main.flatMap {
      MappingReader($0, what: "the routes file", keys: Self.keys, session: session)
    }
    if let main {
      if let version = main["version"] {
        checkVersion(version)
      } else {
        session.error("the routes file needs \"version: 1\"; add it as its first line", at: main.location)
      }
      readApps(main)
      checkDecisions(main)
    }
    let reader = SubscriberReader(rules: rules, session: session, apps: Set(appLocations.keys))
    let defaults = main?["defaults"]?.node
    if let defaults, !disablesBroken { reader.checkDefaults(defaults) }
    main?["subscribers"].map { readSubscribers($0, reader, defaults) }
    for document in documents.includes {
      let include = MappingReader(document, what: "an included file", keys: Self.keysOfInclude, session: session)
      include?["version"].map(checkVersion)
      include?["subscribers"].map { readSubscribers($0, reader, defaults) }
    }
  }

  private func checkVersion(_ value: ValueReader) {
    guard let text = value.text(), text != "1" else { return }
    value.fail("version \"\(value.shown)\" is not supported; this version of Switchyard reads \"version: 1\"")
  }

  private func checkDecisions(_ main: MappingReader) {
    guard let items = main["decisions"]?.list(nothingIsEmpty: true), let first = items.first else { return }
    first.fail("`decisions` is not supported by this version; remove its items")
  }

  // MARK: Apps

  private mutating func readApps(_ main: MappingReader) {
    let items = main["apps"].map { $0.list(nothingIsEmpty: true) ?? [] } ?? []
    if items.isEmpty {
      session.warn("\"apps\" lists no app, so every callback is refused; add yours", at: main.location)
    }
    for item in items { readApp(item) }
  }

  private mutating func readApp(_ item: ValueReader) {
    let (app, problems) = session.capturing { AppReader(session: session).read(item) }
    let firstError = problems.first { $0.severity == .error }
    if let id = app?.id {
      if let earlier = appLocations.updateValue(item.node.location, forKey: id) {
        session.error("the app \(id) already stands at \(earlier); keep one", at: item.node.location)
      }
    }
    if disablesBroken, let firstError {
      session.warn(
        "callbacks of this app are refused until this is put right: \(firstError.message)", at: item.node.location)
    } else {
      session.report(problems)
      app.map { apps[$0.id] = $0 }
    }
  }

  // MARK: Subscribers

  private mutating func readSubscribers(_ value: ValueReader, _ reader: SubscriberReader, _ defaults: SourceNode?) {
    for item in value.list(nothingIsEmpty: true) ?? [] { readSubscriber(item, reader, defaults) }
  }

  private mutating func readSubscriber(_ item: ValueReader, _ reader: SubscriberReader, _ defaults: SourceNode?) {
    let (subscriber, problems) = session.capturing { reader.read(item, defaults: defaults) }
    let name = name(of: item)
    if let name, let earlier = subscriberLocations.updateValue(item.node.location, forKey: name) {
      session.error("the name \"\(name)\" is already taken at \(earlier); choose another", at: item.node.location)
    }
    if disablesBroken, let name, let firstError = problems.first(where: { $0.severity == .error }) {
      misconfigured[name] = firstError.message
    } else {
      session.report(problems)
      subscriber.map { subscribers[$0.name] = $0 }
    }
  }

  /// Also of a subscriber with which all else is wrong. What is wrong with the name itself is known already.
  private func name(of item: ValueReader) -> String? {
    let entry = item.node.entry("name")
    return session.capturing {
      entry.flatMap { SubscriberReader.name(ValueReader(node: $0.value, key: "name", session: session)) }
    }.value
  }
}
