import GatewayCore

/// No digest at all, but as long as one: tells different short texts apart.
struct PlainDigest: Digest {
  func sha256(_ parts: [[UInt8]]) -> [UInt8] {
    let bytes = parts.flatMap { $0 }
    return [UInt8(truncatingIfNeeded: bytes.count)] + bytes.suffix(31)
      + [UInt8](repeating: 0, count: max(0, 31 - bytes.count))
  }

  func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }
}
