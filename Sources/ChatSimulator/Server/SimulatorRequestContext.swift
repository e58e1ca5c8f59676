import Hummingbird
import NIOCore

/// What is known of one request beside the request itself.
struct SimulatorRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The caller's address, which callbacks give as `ClientIP`.
  var clientIP: String { channel.remoteAddress?.ipAddress ?? "127.0.0.1" }
}
