import GatewayCore

/// Reads one item of `decisions`.
struct DecisionReader {
  static let keys = [
    "commands", "apps", "url", "secrets", "unsigned", "timeout", "on_failure", "headers", "private_addresses", "tls",
  ]
  private static let what = "a decision"
  private static let defaultTimeout = Duration.milliseconds(1200)

  let rules: RoutesRules
  let session: LoadSession
  /// The apps of the file.
  let apps: Set<AppID>

  /// Nil if nobody can tell what it is about.
  ///
  /// What else will not do is told, and as the safer one of what it could be: with apps that cannot be told it is of all
  /// of them, and an `on_failure` that cannot is `deny`. So a decision that is only kept for its failures lets nothing
  /// through that it would not have.
  func read(_ value: ValueReader) -> Decision? {
    guard let mapping = MappingReader(value.node, what: Self.what, keys: Self.keys, session: session) else {
      return nil
    }
    let webhook = WebhookReader(rules: rules, session: session, what: Self.what)
    let commands = mapping.required("commands").flatMap(commands)
    let url = mapping.required("url").flatMap(webhook.url)
    let timeout = mapping["timeout"]?.duration(in: RoutesLimits.decisionTimeout) ?? Self.defaultTimeout
    let endpoint = Endpoint(
      url: url?.text ?? "", timeout: timeout, connectTimeout: timeout,
      privateAddresses: mapping["private_addresses"]?.choice(Endpoint.PrivateAddresses.self) ?? .allow,
      tls: webhook.tls(mapping, own: value.node.entry("tls"), url))
    let decision = Decision(
      commands: commands ?? [], apps: mapping["apps"].flatMap { AppReader.ids($0, among: apps) }, endpoint: endpoint,
      secrets: webhook.secrets(mapping),
      headers: mapping["headers"].map(HeaderReader(session: session).read) ?? [],
      onFailure: mapping["on_failure"].map { $0.choice(Decision.OnFailure.self) ?? .deny } ?? .allow)
    return decision.commands.isEmpty ? nil : decision
  }

  private func commands(_ value: ValueReader) -> [String]? {
    value.list(of: RoutesLimits.commands)?.compactMap(command)
  }

  private func command(_ item: ValueReader) -> String? {
    guard let text = item.text() else { return nil }
    if rules.questions.contains(text) { return text }
    item.fail("\"\(item.shown)\" is no command that Tencent waits for\(advice(on: text))")
    return nil
  }

  /// As the end of a sentence.
  private func advice(on text: String) -> String {
    if let command = rules.events.commands(ofType: text).first(where: rules.questions.contains) {
      return "; did you mean \"\(command)\"?"
    }
    let suggestion = Suggestion.clause(for: text, among: rules.questions)
    return suggestion.isEmpty ? "; those are \(rules.questions.joined(separator: ", "))" : suggestion
  }
}
