import GatewayCore

/// Reads one item of `apps`.
struct AppReader {
  static let keys = [
    "sdkappid", "tokens", "clock_tolerance", "allow_ips", "allow_ips_file", "allow_ips_mode", "duplicates",
  ]
  static let duplicatesKeys = ["by", "within"]

  let session: LoadSession

  /// Nil if it cannot be told which app it is.
  func read(_ value: ValueReader) -> AppConfiguration? {
    guard let mapping = MappingReader(value.node, what: "an app", keys: Self.keys, session: session) else { return nil }
    let id = mapping.required("sdkappid").flatMap(Self.id)
    var app = AppConfiguration(id: id ?? AppID(rawValue: 0))
    app.tokens = mapping["tokens"].map(tokens) ?? app.tokens
    app.clockTolerance =
      mapping["clock_tolerance"]?.duration(in: RoutesLimits.clockTolerance) ?? app.clockTolerance
    app.allowedAddresses = addresses(mapping)
    app.allowMode = mapping["allow_ips_mode"]?.choice(AppConfiguration.AllowMode.self) ?? app.allowMode
    app.duplicates = mapping["duplicates"].flatMap(duplicates) ?? app.duplicates
    if mapping["tokens"].map({ $0.isEmptyList }) ?? true, mapping["allow_ips"] == nil, mapping["allow_ips_file"] == nil
    {
      session.warn(
        "this app has neither \"tokens\" nor \"allow_ips\": whoever knows its SdkAppid, which is public, can post "
          + "callbacks; set one", at: mapping.location)
    }
    return id.map { _ in app }
  }

  static func id(_ value: ValueReader) -> AppID? {
    guard let text = value.text() else { return nil }
    if let id = AppID(text) { return id }
    value.fail("\"\(value.key)\" must be a positive whole number, as in 1400000000, not \"\(value.shown)\"")
    return nil
  }

  /// A list of apps, each of which must be one of those of the file; nil if one of them will not do.
  static func ids(_ value: ValueReader, among apps: Set<AppID>) -> Set<AppID>? {
    guard let items = value.list(of: RoutesLimits.appsOfSubscriber) else { return nil }
    let ids = items.map { item -> AppID? in
      guard let id = Self.id(item), !apps.contains(id) else { return Self.id(item) }
      item.fail("the app \(item.shown) is not in \"apps\"; add it there or remove it here")
      return nil
    }
    return ids.contains(nil) ? nil : Set(ids.compactMap(\.self))
  }

  private func tokens(_ value: ValueReader) -> [Secret] {
    guard !value.isEmptyList, let items = value.list(of: RoutesLimits.tokens) else { return [] }
    return items.compactMap { item in
      guard let token = item.text() else { return nil }
      guard !token.contains(where: { $0.isNewline || $0 == "\0" }) else {
        item.fail("a token holds a line break; check what it is read from")
        return nil
      }
      return Secret(token)
    }
  }

  private func addresses(_ mapping: MappingReader) -> [AddressRange]? {
    guard mapping["allow_ips"] != nil || mapping["allow_ips_file"] != nil else { return nil }
    let listed = mapping["allow_ips"]?.list(of: RoutesLimits.addresses) ?? []
    let file = mapping["allow_ips_file"].map { AddressFileReader(session: session).read($0) }
    return listed.compactMap(address) + (file ?? [])
  }

  private func address(_ item: ValueReader) -> AddressRange? {
    guard let text = item.text() else { return nil }
    if let range = AddressRange(text) { return range }
    item.fail("\"\(item.shown)\" is neither an address nor a CIDR; write it as in 203.0.113.7 or 203.0.113.0/24")
    return nil
  }

  private enum DuplicateKey: String, CaseIterable {
    case requestID = "request-id"
    case body
    case never = "none"
  }

  /// How long a body counts as the same callback unless the file says otherwise.
  private static let defaultWithin = Duration.seconds(600)

  private func duplicates(_ value: ValueReader) -> AppConfiguration.Duplicates? {
    guard let mapping = MappingReader(value.node, what: "\"duplicates\"", keys: Self.duplicatesKeys, session: session)
    else { return nil }
    let within = mapping["within"]?.duration(in: RoutesLimits.duplicatesWithin) ?? Self.defaultWithin
    switch mapping["by"]?.choice(DuplicateKey.self) {
    case .requestID, nil: return .byRequestID
    case .body: return .byBody(within: within)
    case .never: return AppConfiguration.Duplicates.none
    }
  }
}
