/// SHA-256 and comparisons that take the same time whatever they compare.
package protocol Digest: Sendable {
  /// The 32 bytes of SHA-256 over all parts, one after the other.
  func sha256(_ parts: [[UInt8]]) -> [UInt8]
  /// Whether both are the same, in a time that depends on their lengths alone.
  func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool
}
