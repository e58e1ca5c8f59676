import GatewayCore

/// How a batch stands in the spool: under its own id, key and moment, but as one event, so that the spool's numbers count
/// callbacks. How many events it really holds, and its key, go before its derivation.
enum SpooledBatch {
  static func stored(_ batch: NewBatch) -> NewBatch {
    var stored = batch
    stored.eventCount = 1
    stored.derivation = Derivation(
      rawValue: "\(batch.eventCount) \(text(batch.duplicateKey)) \(batch.derivation.rawValue)")
    return stored
  }

  /// Nil if it was not made by `stored`.
  static func original(_ batch: StoredBatch) -> NewBatch? {
    let parts = batch.derivation.rawValue.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard batch.eventCount == 1, parts.count == 3, let count = Int(parts[0]), count >= 1,
      let key = key(parts[1])
    else { return nil }
    return NewBatch(
      id: batch.id, kind: batch.kind, eventCount: count, receivedAt: batch.receivedAt,
      derivation: Derivation(rawValue: String(parts[2])), payload: batch.payload, duplicateKey: key)
  }

  /// `-`, or 32 digits, and where its lifetime has an end, `@` and the end in milliseconds.
  private static func text(_ key: DuplicateKey?) -> String {
    guard let key else { return "-" }
    let digits = Hex.text(word(key.bytes[..<8])) + Hex.text(word(key.bytes[8...]))
    switch key.lifetime {
    case .whileRetained: return digits
    case .until(let moment): return "\(digits)@\(moment.milliseconds)"
    }
  }

  private static func key(_ text: Substring) -> DuplicateKey?? {
    if text == "-" { return .some(nil) }
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].utf8.count == 32, let high = UInt64(parts[0].prefix(16), radix: 16),
      let low = UInt64(parts[0].suffix(16), radix: 16)
    else { return nil }
    let bytes = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) } }
    guard parts.count == 2 else { return DuplicateKey(bytes: bytes, lifetime: .whileRetained) }
    guard let moment = Int64(parts[1]) else { return nil }
    return DuplicateKey(bytes: bytes, lifetime: .until(Timestamp(milliseconds: moment)))
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
