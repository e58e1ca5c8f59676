/// The id of one replay, as `switchyard-replay` carries it: `replay-` and sixteen hex digits, made at random.
package struct ReplayID: Hashable, Sendable, CustomStringConvertible {
  private static let prefix = "replay-"

  private let number: UInt64

  /// A new one.
  package static func random() -> ReplayID { ReplayID(number: .random(in: 1...(.max))) }

  /// Nil unless the text is one.
  package init?(_ text: some StringProtocol) {
    let digits = text.dropFirst(Self.prefix.count)
    guard text.hasPrefix(Self.prefix), digits.utf8.count == 16, digits.allSatisfy(\.isLowercaseHexDigit),
      let number = UInt64(digits, radix: 16)
    else { return nil }
    self.init(number: number)
  }

  private init(number: UInt64) { self.number = number }

  package var description: String { Self.prefix + Hex.text(number) }
}

extension Character {
  fileprivate var isLowercaseHexDigit: Bool { isASCII && isHexDigit && !isUppercase }
}
