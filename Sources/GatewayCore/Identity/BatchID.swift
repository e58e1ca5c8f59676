/// The id of one accepted callback: a UUID, written in lower case with hyphens.
///
/// It is derived from what the callback is where duplicates go by request id, so that a callback sent again keeps its
/// ids for ever; otherwise it is a UUIDv7.
package struct BatchID: Hashable, Sendable, CustomStringConvertible {
  /// The sixteen bytes in network order, as two words.
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A UUIDv8 (RFC 9562, section 5.8) from the first 16 bytes of a digest; `digest` must have at least 16.
  package init(digest: [UInt8]) {
    precondition(digest.count >= 16, "a batch id needs 16 bytes of digest")
    self.init(bytes: digest[..<16], version: 8)
  }

  /// A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then randomness.
  package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
    let random = generator.next()
    let milliseconds = UInt64(bitPattern: time.milliseconds) & 0xFFFF_FFFF_FFFF
    high = milliseconds << 16 | 0x7000 | random & 0x0FFF
    low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  }

  /// The sixteen bytes as they are stored.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    let words = Self.words(bytes)
    self.init(high: words.high, low: words.low)
  }

  package init?(_ text: some StringProtocol) {
    let utf8 = Array(text.utf8)
    guard utf8.count == 36, [8, 13, 18, 23].allSatisfy({ utf8[$0] == UInt8(ascii: "-") }) else { return nil }
    var digits: [UInt8] = []
    for (index, byte) in utf8.enumerated() where ![8, 13, 18, 23].contains(index) {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      digits.append(UInt8(digit))
    }
    guard digits.count == 32 else { return nil }
    self.init(bytes: stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  package var bytes: [UInt8] {
    (0..<16).map { index in
      let word = index < 8 ? high : low
      return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
    }
  }

  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          buffer[position] = UInt8(ascii: "-")
          position += 1
        }
        let word = index < 16 ? high : low
        buffer[position] = digits[Int(word >> UInt64(60 - 4 * (index % 16)) & 0xF)]
        position += 1
      }
      return position
    }
  }

  private init(bytes: some Collection<UInt8>, version: UInt64) {
    let words = Self.words(bytes)
    high = words.high & 0xFFFF_FFFF_FFFF_0FFF | version << 12
    low = words.low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  }

  private static func words(_ bytes: some Collection<UInt8>) -> (high: UInt64, low: UInt64) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
    }
    return (high, low)
  }
}
