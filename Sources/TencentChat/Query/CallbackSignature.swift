import GatewayCore

/// How `Sign` is made: the lower-case hex SHA-256 of the token and `RequestTime`, one behind the other.
enum CallbackSignature {
  /// - Parameter requestTime: Unix seconds in decimal digits.
  static func text(token: Secret, requestTime: String, digest: any Digest) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return digest.sha256([Array(token.exposed.utf8), Array(requestTime.utf8)])
      .flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
  }
}
