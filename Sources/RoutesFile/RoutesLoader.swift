package import GatewayCore
import OrderedCollections

/// Reads a routes file into validated `Routes` and reports every problem at once, each with its place.
///
/// A load reads the file, its includes and every file they refer to, and keeps nothing between loads. No problem's text
/// holds a secret, a token, a URL or the value of a reference.
package struct RoutesLoader: Sendable {
  private let rules: RoutesRules
  private let environment: [String: String]
  private let sha256: @Sendable ([UInt8]) -> [UInt8]

  /// - Parameters:
  ///   - knownEvents: Every type and command of the catalogue: what a pattern may match.
  ///   - questions: The commands that Tencent waits for: what a decider can be asked before.
  ///   - environment: Where `${NAME}` is looked up.
  ///   - validateSecret: Throws for what is not a `whsec_…` secret, with a text that does not hold it.
  ///   - inspectTLS: Tells what is wrong with the contents of a subscriber's TLS files.
  package init(
    knownEvents: [(type: EventType, command: String)], questions: [String], environment: [String: String],
    validateSecret: @escaping @Sendable (Secret) throws(SecretError) -> Void,
    inspectTLS: @escaping @Sendable (TLSSettings) -> [TLSFinding],
    sha256: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) {
    rules = RoutesRules(
      events: KnownEvents(knownEvents), questions: questions, validateSecret: validateSecret, inspectTLS: inspectTLS)
    self.environment = environment
    self.sha256 = sha256
  }

  /// Reads the file at `path` and its includes.
  package func load(path: String) throws(RoutesRejected) -> LoadedRoutes {
    let session = LoadSession(folder: RoutesFolder(ofFileAt: path), environment: environment)
    let documents = RoutesDocuments(path: path, session: session)
    return try routes(of: documents, session: session, disablesBroken: false)
  }

  /// Reads the last good copy, for a start with a bad file.
  ///
  /// What has gone wrong since (a reference that is no longer there, above all) takes away as little as possible: its
  /// subscriber is listed as `misconfigured`; an app is left out with a warning, because its callbacks could not be
  /// checked as they should be.
  package func load(copy: [UInt8]) throws(RoutesRejected) -> LoadedRoutes {
    guard let copy = LastGoodCopy(encoded: copy) else {
      throw RoutesRejected(problems: [
        RoutesProblem(file: LastGoodCopy.name, message: "the copy cannot be decoded; start with a good routes file")
      ])
    }
    let session = LoadSession(folder: copy.folder, environment: environment)
    let documents = RoutesDocuments(copy: copy, session: session)
    return try routes(of: documents, session: session, disablesBroken: true)
  }

  /// What a load of this file, good or bad, looks at, as it is now.
  func snapshot(of path: String) -> FileSnapshot {
    let session = LoadSession(folder: RoutesFolder(ofFileAt: path), environment: environment)
    let documents = RoutesDocuments(path: path, session: session)
    _ = try? routes(of: documents, session: session, disablesBroken: false)
    return session.snapshot
  }

  private func routes(
    of documents: RoutesDocuments, session: LoadSession, disablesBroken: Bool
  ) throws(RoutesRejected) -> LoadedRoutes {
    var reader = RoutesReader(rules: rules, session: session, disablesBroken: disablesBroken)
    reader.read(documents)
    let problems = session.sortedProblems
    guard !problems.contains(where: { $0.severity == .error }) else { throw RoutesRejected(problems: problems) }
    let fingerprint = RoutesFingerprint(
      documents: documents, apps: reader.apps,
      endpoints: reader.subscribers.values.map(\.endpoint) + reader.decisions.map(\.endpoint)
    )
    .text(sha256: sha256)
    let routes = Routes(
      apps: reader.apps, subscribers: reader.subscribers, misconfigured: reader.misconfigured,
      decisions: reader.decisions, fingerprint: fingerprint)
    return LoadedRoutes(
      routes: routes, warnings: problems, copy: documents.copy.encoded, watched: session.snapshot.paths)
  }
}
