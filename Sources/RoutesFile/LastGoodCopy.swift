import Foundation

/// The texts of a good routes file and its includes, references unresolved, as the journal keeps them.
///
/// Version 1 is JSON: the folder where relative paths start, then the files, the routes file first.
struct LastGoodCopy: Codable {
  struct File: Codable {
    /// As problems name it.
    let name: String
    let text: String
  }

  static let name = "last good routes"
  private static let currentVersion = 1

  private let version: Int
  let folder: RoutesFolder
  let files: [File]

  init(folder: RoutesFolder, files: [File]) {
    version = Self.currentVersion
    self.folder = folder
    self.files = files
  }

  /// Nil if the bytes are not such a copy.
  init?(encoded: [UInt8]) {
    guard let copy = try? JSONDecoder().decode(Self.self, from: Data(encoded)), copy.version == Self.currentVersion,
      !copy.files.isEmpty
    else { return nil }
    self = copy
  }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Strings and an integer always encode.
    return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
  }
}
