import Foundation

extension Encodable {
  /// JSON on one line with sorted keys. What must not reach a terminal can only stand inside strings, where an escape
  /// stands for the same.
  func jsonLine() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self).printable
  }
}
