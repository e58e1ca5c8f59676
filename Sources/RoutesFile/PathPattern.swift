import Foundation

/// A shell pattern for absolute paths: `*`, `?` and `[…]` match within one name, and none matches a leading dot.
struct PathPattern: Hashable, Sendable {
  let text: String

  /// - Parameter text: Relative to the folder, in whose own path nothing is special.
  init(_ text: String, in folder: RoutesFolder) {
    self.text = text.hasPrefix("/") ? text : Self.escaped(folder.path) + "/" + text
  }

  static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// The paths that match now, in byte order.
  func matches() -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(text, GLOB_NOSORT, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func escaped(_ path: String) -> String {
    path.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
