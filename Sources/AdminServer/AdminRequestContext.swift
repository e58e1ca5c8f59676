import Hummingbird
import NIOCore

/// What is known of one request beside the request itself.
struct AdminRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

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
