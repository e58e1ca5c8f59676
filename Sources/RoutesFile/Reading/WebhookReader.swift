import GatewayCore

/// Reads what a subscriber and a decision have in common: where requests go, and how they are signed and encrypted.
struct WebhookReader {
  let rules: RoutesRules
  let session: LoadSession
  /// As in `a subscriber`.
  let what: String

  func url(_ value: ValueReader) -> SubscriberURL? {
    guard let text = value.text() else { return nil }
    do {
      let url = try SubscriberURL(text)
      if !url.isEncrypted, !url.isLocal {
        session.warn("this URL is plain http beyond the private network; use https", at: value.node.location)
      }
      return url
    } catch {
      value.fail("the URL \(error.reason)")
      return nil
    }
  }

  /// - Parameter own: What stands with the subscriber itself, and not in `defaults`.
  func tls(_ mapping: MappingReader, own: SourceEntry?, _ url: SubscriberURL?) -> TLSSettings? {
    // Whoever writes it here believes that the connection is encrypted; from `defaults` it comes to plain ones, too.
    guard url?.isEncrypted ?? true else {
      if let own, !own.value.isNothing {
        session.error("\"tls\" is nothing to an http URL; make the URL https, or remove it", at: own.location)
      }
      return nil
    }
    return mapping["tls"].flatMap(TLSReader(rules: rules, session: session).read)
  }

  func secrets(_ mapping: MappingReader) -> [Secret] {
    let isUnsigned = mapping["unsigned"]?.boolean() ?? false
    guard let value = mapping["secrets"] else {
      if !isUnsigned {
        session.error(
          "\(what) needs \"secrets\"; make one with \"switchyard secret new\", or say \"unsigned: true\"",
          at: mapping.location)
      }
      return []
    }
    if isUnsigned {
      if !value.isEmptyList { value.fail("\(what) has either \"secrets\" or \"unsigned: true\"; remove one") }
      return []
    }
    return value.list(of: RoutesLimits.secrets)?.compactMap(secret) ?? []
  }

  private func secret(_ item: ValueReader) -> Secret? {
    guard let text = item.text() else { return nil }
    do {
      try rules.validateSecret(Secret(text))
      return Secret(text)
    } catch {
      item.fail("this is not a secret: \(error.description)")
      return nil
    }
  }
}
