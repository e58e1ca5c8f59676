import Foundation

/// Where relative paths start: the folder of the routes file.
struct RoutesFolder: Hashable, Sendable, Codable {
  /// Absolute, without a final slash; empty for the root.
  let path: String
  /// As the operator named it, which is how problems name files; empty if they named none.
  let shown: String

  /// The folder is that of the name given: a symbolic link is not followed.
  init(ofFileAt file: String) {
    shown = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    path = file.hasPrefix("/") ? shown : Self.join(FileManager.default.currentDirectoryPath, shown)
  }

  static func absoluteFile(_ file: String) -> String {
    file.hasPrefix("/") ? file : join(FileManager.default.currentDirectoryPath, file)
  }

  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : self.path + "/" + path }

  /// The name of a file for the operator to read.
  func shown(_ absolute: String) -> String {
    guard absolute.hasPrefix(path + "/") else { return absolute }
    return Self.join(shown, String(absolute.dropFirst(path.count + 1)))
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || name.isEmpty ? folder + name : folder + "/" + name
  }
}
