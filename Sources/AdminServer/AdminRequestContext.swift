import Hummingbird
import NIOCore

/// What is known of one request beside the request itself.
struct AdminRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Closes the connection when the exchange's time is over; nil before it is set. `EventStreams` lifts it.
  var deadline: Scheduled<Void>?
  /// What the asker may do.
  var right: AccessRight = .read
  /// Whether what let this request in still would, for an answer that goes on for long.
  var isStillAllowed: @Sendable () -> Bool = { true }

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The asker's address and port, for the log.
  var peer: String {
    guard let address = channel.remoteAddress, let ip = address.ipAddress, let port = address.port else {
      return "unknown"
    }
    return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }
}
