import CallbackServer
import Foundation

extension CallbackServerConfiguration {
  init(_ settings: ServeSettings) {
    self.init(
      host: settings.listen.host, port: settings.listen.port, paths: settings.callbackPaths,
      trustedProxies: settings.trustedProxies, tls: settings.tls, ackDeadline: settings.ackDeadline,
      ingestMemory: settings.ingestMemory, userAgent: Product.userAgent,
      threads: max(1, ProcessInfo.processInfo.activeProcessorCount))
  }
}
