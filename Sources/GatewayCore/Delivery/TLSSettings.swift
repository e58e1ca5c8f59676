/// What the TLS connections to one subscriber go by where it differs from the usual: the contents of its files.
///
/// An object, so that an endpoint without any is copied as fast as if there were none. Two with the same contents are
/// equal, and requests with different ones never share a connection.
package final class TLSSettings: Hashable, Sendable {
  /// Certificates in PEM: the only authorities that the subscriber's own certificate may be by. Nil: the system's.
  package let authorities: [UInt8]?
  /// What the gateway shows to a subscriber that asks who it is; nil: nothing.
  package let identity: ClientIdentity?
  /// Made once: the contents are long, and transports look settings up for every request.
  private let contentHash: Int

  package init(authorities: [UInt8]?, identity: ClientIdentity?) {
    self.authorities = authorities
    self.identity = identity
    var hasher = Hasher()
    hasher.combine(authorities)
    hasher.combine(identity)
    contentHash = hasher.finalize()
  }

  package static func == (left: TLSSettings, right: TLSSettings) -> Bool {
    left === right
      || left.contentHash == right.contentHash && left.authorities == right.authorities
        && left.identity == right.identity
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(contentHash) }
}

/// A client certificate and the private key that belongs to it.
package struct ClientIdentity: Hashable, Sendable {
  /// In PEM: the certificate first, then what leads from it to an authority.
  package var certificates: [UInt8]
  /// In PEM, not encrypted.
  package var key: SecretBytes

  package init(certificates: [UInt8], key: SecretBytes) {
    self.certificates = certificates
    self.key = key
  }
}

/// One thing that is wrong with the contents of TLS files.
package struct TLSFinding: Hashable, Sendable {
  package enum File: Hashable, Sendable, CaseIterable { case authorities, certificate, key }

  package var severity: RoutesProblem.Severity
  package var file: File
  /// What follows the file's name: what is wrong and what to do. It holds nothing of the key.
  package var clause: String

  package init(_ severity: RoutesProblem.Severity, _ file: File, _ clause: String) {
    self.severity = severity
    self.file = file
    self.clause = clause
  }
}
