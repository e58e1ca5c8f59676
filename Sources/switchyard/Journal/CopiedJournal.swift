import GatewayCore

/// What `switchyard journal copy` says when it is done.
struct CopiedJournal: Encodable {
  var from: String
  var to: String
  /// The first sequence number that is not taken.
  var head: Int64
  var callbacks: Int
  var lanes: Int
  var exceptions: Int
  var attempts: Int
  var sha256: String
  var durationSeconds: Double

  init(from: String, to: String, _ outline: TransferOutline, sha256: [UInt8], took: Duration) {
    self.from = from
    self.to = to
    head = outline.head.rawValue
    callbacks = outline.counts[.batches] ?? 0
    lanes = outline.counts[.lanes] ?? 0
    exceptions = outline.counts[.exceptions] ?? 0
    attempts = outline.counts[.attempts] ?? 0
    self.sha256 = stride(from: 0, to: sha256.count, by: 8).map { start in
      Hex.text(sha256[start..<min(start + 8, sha256.count)].reduce(0) { $0 << 8 | UInt64($1) })
    }.joined()
    durationSeconds = took.inSeconds
  }

  var text: String {
    "\(to.printable) holds all of \(from.printable), verified: \(HumanText.count(callbacks, "callback")), "
      + "\(HumanText.count(lanes, "position")), \(HumanText.count(exceptions)) retries and dead letters, "
      + "in \(HumanText.duration(seconds: durationSeconds))."
  }
}
