/// Writes numbers in hexadecimal.
package enum Hex {
  /// Sixteen lower-case digits.
  package static func text(_ word: UInt64) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 16) { buffer in
      for place in 0..<16 { buffer[place] = digits[Int(word >> UInt64(60 - 4 * place) & 0xF)] }
      return 16
    }
  }
}
