/// What a payload is held against when it is read: the first 8 bytes of its SHA-256, as a database holds them.
package struct PayloadChecksum: Sendable {
  private let digest: any Digest

  package init(digest: any Digest) { self.digest = digest }

  package func callAsFunction(_ payload: [UInt8]) -> Int64 {
    digest.sha256([payload]).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}
