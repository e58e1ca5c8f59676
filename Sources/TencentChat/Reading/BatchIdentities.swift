package import GatewayCore

/// Gives a batch its id, and says by what a repeat of its callback is known.
///
/// What goes into the digests never changes: by it a callback sent again gets the ids it had, from any version.
struct BatchIdentities: Sendable {
  let digest: any Digest
  /// A new id for a moment.
  let newID: @Sendable (Timestamp) -> BatchID

  func identify(
    query: CallbackQuery, app: AppConfiguration, command: String, body: [UInt8], receivedAt: Timestamp
  ) -> (id: BatchID, duplicateKey: DuplicateKey?) {
    switch app.duplicates {
    case .byRequestID:
      // Without a request id the body alone says too little to tell a repeat from the same thing happening again.
      guard let requestID = query.requestID else { return (newID(receivedAt), nil) }
      let hash = fingerprint(["request-id", "\(app.id)", requestID, command], body)
      return (BatchID(digest: hash), DuplicateKey(bytes: Array(hash.prefix(16)), lifetime: .whileRetained))
    case .byBody(let within):
      let hash = fingerprint(["body", "\(app.id)", command], body)
      return (
        newID(receivedAt), DuplicateKey(bytes: Array(hash.prefix(16)), lifetime: .until(receivedAt + within))
      )
    case .none:
      return (newID(receivedAt), nil)
    }
  }

  /// Each part has its length before it, so that no two lists of parts run together to the same bytes.
  private func fingerprint(_ parts: [String], _ body: [UInt8]) -> [UInt8] {
    let head = parts.map { "\($0.utf8.count):\($0)," }.joined()
    return digest.sha256([Array(head.utf8), body])
  }
}

extension BatchID {
  /// A UUIDv7 from the system's random numbers.
  package static func random(at time: Timestamp) -> BatchID {
    var generator = SystemRandomNumberGenerator()
    return BatchID(at: time, using: &generator)
  }
}
