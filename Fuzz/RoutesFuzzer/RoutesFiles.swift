/// The files of one input, which has them in this order with a line `===` between two; what is not there is nil.
struct RoutesFiles {
  static let included = "team.yaml"
  static let addresses = "addresses.txt"
  static let referred = "referred"

  let routes: String?
  let included: String?
  let addresses: String?
  let referred: String?

  /// Nil if something in it may be a path that leads out of the folder. Whoever writes a routes file may have any file
  /// read, and the fuzzer would.
  init?(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard !Self.mayLeadOut(Array(text.utf8)) else { return nil }
    var files = text.split(separator: "\n===\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)[...]
    routes = files.popFirst()
    included = files.popFirst()
    addresses = files.popFirst()
    referred = files.popFirst()
  }

  var named: [(name: String, text: String?)] {
    [
      ("routes.yaml", routes), (Self.included, included), (Self.addresses, addresses), (Self.referred, referred),
    ]
  }

  /// Whether it holds `..`, an escape that may stand for a dot or slash, or a slash where a path may start.
  private static func mayLeadOut(_ text: [UInt8]) -> Bool {
    text.indices.contains { place in
      let before = place > 0 ? text[place - 1] : 0
      switch text[place] {
      case UInt8(ascii: "."): return before == UInt8(ascii: ".")
      case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"): return before == UInt8(ascii: "\\")
      case UInt8(ascii: "/"): return !isWithinPath(before) && !isOfScheme(text[..<place])
      default: return false
      }
    }
  }

  /// Whether a slash behind it parts two names.
  private static func isWithinPath(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Whether a slash behind it is one of those in `http://`.
  private static func isOfScheme(_ before: ArraySlice<UInt8>) -> Bool {
    ["http:", "https:", "http:/", "https:/"].contains { before.suffix($0.utf8.count).elementsEqual($0.utf8) }
  }
}
