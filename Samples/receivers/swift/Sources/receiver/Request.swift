import Foundation

/// One HTTP request: its headers, their names in lower case, and its body as it came.
struct Request {
  /// It is cut off, or no HTTP.
  struct Broken: Error {}

  /// Its body is longer than this takes.
  struct TooLarge: Error {}

  static let longestHead = 64 << 10
  static let longestBody = 64 << 20

  var headers: [String: String] = [:]
  var body: Data

  /// Waits until all of it is there.
  init(from input: FileHandle) throws {
    var bytes = Data()
    let end = Data("\r\n\r\n".utf8)
    while true {
      if let head = bytes.range(of: end) {
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          guard parts.count == 2 else { throw Broken() }
          headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        body = Data(bytes[head.upperBound...])
        break
      }
      guard bytes.count < Self.longestHead, let more = try input.read(upToCount: 1), !more.isEmpty
      else { throw Broken() }
      bytes += more
    }
    guard let length = headers["content-length"].flatMap(Int.init), length >= 0 else { throw Broken() }
    guard length <= Self.longestBody else { throw TooLarge() }
    while body.count < length {
      guard let more = try input.read(upToCount: length - body.count), !more.isEmpty else { throw Broken() }
      body += more
    }
  }
}
