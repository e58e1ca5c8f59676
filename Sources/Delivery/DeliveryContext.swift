package import CoreMetrics
package import GatewayCore
package import Logging

/// What every lane works with.
package struct DeliveryContext: Sendable {
  package var journal: any Journal
  package var transport: any Transport
  package var signers: any SignerFactory
  package var deriver: any EventDeriver
  package var forwarder: any Forwarder
  package var digest: any Digest
  package var clock: WallClock
  package var logger: Logger
  package var metrics: any MetricsFactory
  /// Where attempts are told to those who watch.
  package var feed: AttemptFeed
  /// The value of `User-Agent`.
  package var userAgent: String
  /// What other gateways on the same journal know this one by.
  package var gatewayName: String

  package init(
    journal: any Journal, transport: any Transport, signers: any SignerFactory, deriver: any EventDeriver,
    forwarder: any Forwarder, digest: any Digest, clock: @escaping WallClock, logger: Logger,
    metrics: any MetricsFactory, feed: AttemptFeed = AttemptFeed(), userAgent: String,
    gatewayName: String = ""
  ) {
    self.journal = journal
    self.transport = transport
    self.signers = signers
    self.deriver = deriver
    self.forwarder = forwarder
    self.digest = digest
    self.clock = clock
    self.logger = logger
    self.metrics = metrics
    self.feed = feed
    self.userAgent = userAgent
    self.gatewayName = gatewayName
  }
}
