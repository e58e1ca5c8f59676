/// What a Standard Webhooks signature covers.
enum SignedContent {
  /// What stands before the body in what is signed.
  static func prefix(id: String, timestamp: String) -> [UInt8] {
    Array("\(id).\(timestamp).".utf8)
  }
}
