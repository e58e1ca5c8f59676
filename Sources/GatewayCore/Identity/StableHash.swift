/// A hash that is the same in every process and version (FNV-1a, 64 bits): for what is kept in the journal only to be
/// compared with what is met later. It is not for secrets: who knows the hash can try texts against it.
package enum StableHash {
  private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01B3

  package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 { extend(basis, with: bytes) }

  /// Goes on where an earlier hash ended.
  package static func extend(_ hash: UInt64, with bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(hash) { ($0 ^ UInt64($1)) &* prime }
  }
}
