package import GatewayCore

/// Reads the moments that callbacks carry: whole numbers of seconds or milliseconds since the Unix epoch, as numbers or
/// strings. Tencent's pages and packets disagree on both, so the size of the number tells its unit.
package enum EventTime {
  private static let year2000: Int64 = 946_684_800
  private static let year2100: Int64 = 4_102_444_800

  static func moment(of value: ByteRange, in body: CallbackBody) -> Timestamp? {
    body.text(of: value).flatMap { moment(of: $0) }
  }

  /// Nil for what is no whole number, and for moments that no callback can be about: before 2000, or 2100 and later.
  package static func moment(of text: [UInt8]) -> Timestamp? {
    guard text.allSatisfy(ASCII.isDigit), let number = Int64(String(decoding: text, as: UTF8.self)) else { return nil }
    return switch number {
    case year2000..<year2100: Timestamp(seconds: number)
    case year2000 * 1000..<year2100 * 1000: Timestamp(milliseconds: number)
    default: nil
    }
  }
}
