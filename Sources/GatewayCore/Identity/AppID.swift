/// A Tencent Cloud Chat application's id, the `SdkAppid` of every callback: a positive decimal integer.
package struct AppID: Hashable, Sendable, RawRepresentable, Comparable, CustomStringConvertible {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  /// Reads decimal digits only: no sign, no spaces, no zero.
  package init?(_ text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text), value > 0
    else { return nil }
    rawValue = value
  }

  package var description: String { String(rawValue) }

  package static func < (left: AppID, right: AppID) -> Bool { left.rawValue < right.rawValue }
}
