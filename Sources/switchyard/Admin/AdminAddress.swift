import ArgumentParser
import Foundation

/// Where the admin door of a gateway is, as in `http://127.0.0.1:8090`.
struct AdminAddress: Hashable, Sendable, CustomStringConvertible, ExpressibleByArgument {
  static let standard = AdminAddress(base: "http://127.0.0.1:8090")
  static let environmentName = "SWITCHYARD_ADMIN_URL"
  static let example = "http://127.0.0.1:8090"

  /// Without a slash at its end.
  private let base: String

  private init(base: String) { self.base = base }

  /// Nil unless it is an http or https URL without user, query and fragment. A path stays: a proxy may have put the door
  /// behind one.
  init?(argument: String) {
    guard let url = URLComponents(string: argument), ["http", "https"].contains(url.scheme?.lowercased()),
      !(url.host ?? "").isEmpty, url.user == nil, url.password == nil, url.query == nil, url.fragment == nil,
      argument.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    var base = argument
    while base.last == "/" { base.removeLast() }
    self.init(base: base)
  }

  var description: String { base }

  /// - Parameter path: The segments as they mean, escapes not yet made.
  func url(_ path: [String], query: [(name: String, value: String)] = []) -> String {
    let query = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
    return base + path.map { "/" + Self.escaped($0) }.joined() + (query.isEmpty ? "" : "?" + query)
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.reduce(into: "") { escaped, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default: escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }
}
