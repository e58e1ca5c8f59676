package import GatewayCore

/// What the flags of `switchyard serve` say about the callback door.
package struct CallbackServerConfiguration: Sendable {
  /// An IPv4 or IPv6 address without brackets, or a name.
  package var host: String
  /// 0 takes a free one.
  package var port: Int
  /// Where Tencent posts: percent-encoded paths, compared byte for byte.
  package var paths: [String]
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies: [AddressRange]
  /// Nil: plain HTTP.
  package var tls: TLSFiles?
  /// How long a callback may wait for the journal, from the last byte of its body.
  package var ackDeadline: Duration
  /// What all bodies and waiting appends may take together.
  package var ingestMemory: ByteSize
  /// The value of `User-Agent` in questions to deciders.
  package var userAgent: String
  /// Event loops, one thread each.
  package var threads: Int

  package init(
    host: String, port: Int, paths: [String], trustedProxies: [AddressRange] = [], tls: TLSFiles? = nil,
    ackDeadline: Duration = .milliseconds(1500), ingestMemory: ByteSize = .mebibytes(256),
    userAgent: String = "Switchyard", threads: Int
  ) {
    self.host = host
    self.port = port
    self.paths = paths
    self.trustedProxies = trustedProxies
    self.tls = tls
    self.ackDeadline = ackDeadline
    self.ingestMemory = ingestMemory
    self.userAgent = userAgent
    self.threads = threads
  }
}
