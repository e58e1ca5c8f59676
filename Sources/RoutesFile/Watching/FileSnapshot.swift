import GatewayCore
import OrderedCollections

/// The files that one load looked at, each as it was just before, and the patterns with what they matched.
struct FileSnapshot: Sendable {
  private var files: OrderedDictionary<String, FileIdentity?> = [:]
  private var patterns: OrderedDictionary<PathPattern, [String]> = [:]

  /// The first look counts: a later one may already see what the load has not.
  mutating func look(at path: String) {
    if !files.keys.contains(path) { files.updateValue(FileIdentity(path: path), forKey: path) }
  }

  mutating func look(for pattern: PathPattern) -> [String] {
    if let known = patterns[pattern] { return known }
    let matches = pattern.matches()
    patterns[pattern] = matches
    return matches
  }

  var paths: [String] { Array(files.keys) + patterns.keys.map(\.text) }

  /// Whether a file has changed, appeared or disappeared since.
  var isOutdated: Bool {
    files.contains { FileIdentity(path: $0.key) != $0.value } || patterns.contains { $0.key.matches() != $0.value }
  }
}
