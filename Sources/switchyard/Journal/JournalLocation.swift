/// Where the journal is.
enum JournalLocation: Equatable {
  case sqlite(path: String)
  /// As libpq takes it. It may hold a password: show `shown`.
  case postgres(url: String)

  static let expected = "sqlite:PATH, or postgres://USER@HOST/DATABASE"

  init?(_ url: String) {
    if url.hasPrefix("sqlite:") {
      let path = String(url.dropFirst("sqlite:".count))
      // With two slashes a host would follow, which a file does not have.
      guard !path.isEmpty, !path.hasPrefix("//") else { return nil }
      self = .sqlite(path: path)
    } else if let scheme = Self.schemes.first(where: url.hasPrefix), url.utf8.count > scheme.utf8.count {
      self = .postgres(url: url)
    } else {
      return nil
    }
  }

  /// For people and logs: without the password.
  var shown: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .postgres(let url): Self.withoutPassword(url)
    }
  }

  private static let schemes = ["postgres://", "postgresql://"]
  private static let hidden = "•••"

  /// A password stands behind the user's name, or among the parameters.
  private static func withoutPassword(_ url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return hidden }
    let parts = url[scheme.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var shown = String(url[..<scheme.upperBound])
    let place = parts[0]
    // A password that is not encoded as it should be may hold an @ or a slash itself.
    if let at = place.lastIndex(of: "@") {
      let user = place[..<at].prefix { $0 != ":" }
      shown += user + (user.endIndex < at ? ":" + hidden : "") + place[at...]
    } else {
      shown += place
    }
    guard parts.count == 2 else { return shown }
    let parameters = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { parameter in
      let name = parameter.prefix { $0 != "=" }
      return name.lowercased().contains("password") && name.endIndex < parameter.endIndex
        ? name + "=" + hidden : String(parameter)
    }
    return shown + "?" + parameters.joined(separator: "&")
  }
}
