import GatewayCore
import OrderedCollections

/// Reads the parsed documents into apps, subscribers and decisions.
struct RoutesReader {
  static let keys = ["version", "include", "apps", "defaults", "subscribers", "decisions"]
  private static let keysOfInclude = ["version", "subscribers"]

  let rules: RoutesRules
  let session: LoadSession
  /// Whether a broken app or subscriber is taken out of the routes instead of spoiling them all.
  let disablesBroken: Bool

  private(set) var apps: OrderedDictionary<AppID, AppConfiguration> = [:]
  private(set) var subscribers: OrderedDictionary<String, Subscriber> = [:]
  private(set) var misconfigured: OrderedDictionary<String, String> = [:]
  private(set) var decisions: [Decision] = []
  private var appLocations: [AppID: SourceLocation] = [:]
  private var subscriberLocations: [String: SourceLocation] = [:]
  private var decisionLocations: [SourceLocation] = []

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
      readDecisions(main)
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
        session.error(
          "the app \(shown("sdkappid", of: item)) already stands at \(earlier); keep one", at: item.node.location)
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
      session.error(
        "the name \"\(shown("name", of: item))\" is already taken at \(earlier); choose another",
        at: item.node.location)
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

  /// What a problem may quote of a key's value: a reference as it is written, not what it stands for.
  private func shown(_ key: String, of item: ValueReader) -> String {
    item.node.entry(key).map { ValueReader(node: $0.value, key: key, session: session).shown } ?? ""
  }

  // MARK: Decisions

  private mutating func readDecisions(_ main: MappingReader) {
    let items = main["decisions"]?.list(nothingIsEmpty: true) ?? []
    guard items.count <= RoutesLimits.decisions else {
      main["decisions"]?.fail(
        "\"decisions\" must hold at most \(RoutesLimits.decisions) items; it holds \(items.count)")
      return
    }
    var broken: [Decision] = []
    for item in items { readDecision(item, &broken) }
    // Of an app and a command the first counts, and a broken one may be of more apps than it was.
    decisions += broken
  }

  private mutating func readDecision(_ item: ValueReader, _ broken: inout [Decision]) {
    let reader = DecisionReader(rules: rules, session: session, apps: Set(appLocations.keys))
    var (decision, problems) = session.capturing { reader.read(item) }
    if disablesBroken, let firstError = problems.first(where: { $0.severity == .error }) {
      decision?.misconfigured = firstError.message
      let consequence =
        switch decision?.onFailure {
        case .allow: "allows what it should decide"
        case .deny: "denies what it should decide"
        case nil: "decides nothing, so all of it is allowed,"
        }
      session.warn("the gateway \(consequence) until this is put right: \(firstError.message)", at: item.node.location)
      broken += [decision].compactMap(\.self)
      return
    }
    session.report(problems)
    guard let decision else { return }
    checkIsAlone(decision, at: item.node.location)
    decisions.append(decision)
    decisionLocations.append(item.node.location)
  }

  private func checkIsAlone(_ decision: Decision, at location: SourceLocation) {
    for (other, place) in zip(decisions, decisionLocations) {
      guard let command = decision.commands.first(where: other.commands.contains) else { continue }
      guard let apps = decision.apps, let others = other.apps else {
        session.error(
          "\"\(command)\" is decided at \(place) already, of all apps or of one of these; keep one", at: location)
        continue
      }
      if let app = apps.intersection(others).min(by: { $0.rawValue < $1.rawValue }) {
        session.error("\"\(command)\" of the app \(app) is decided at \(place) already; keep one", at: location)
      }
    }
  }
}
