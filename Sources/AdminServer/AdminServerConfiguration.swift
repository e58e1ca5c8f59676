/// Where the admin door listens and who may use it.
package struct AdminServerConfiguration: Sendable {
  /// An address or a name, IPv6 without brackets.
  package var host: String
  /// 0 takes any free port.
  package var port: Int
  package var tokens: AdminTokenSources
  var limits = AdminLimits()

  /// - Parameter connections: How many may be open at one time.
  package init(host: String, port: Int, tokens: AdminTokenSources, connections: Int = 1024) {
    self.host = host
    self.port = port
    self.tokens = tokens
    limits.connections = connections
  }
}

/// The admin door's bounds.
struct AdminLimits: Sendable {
  /// Further ones wait in the kernel's queue.
  var connections = 1024
  var headBytes = 16 << 10
  var headerCount = 100
  var bodyBytes = 64 << 10
  /// Between two requests, and for a head to be complete.
  var idle: Duration = .seconds(75)
  /// From a request's head to the last byte of its answer; then the connection is closed.
  var exchange: Duration = .seconds(60)
  /// Of streams of server-sent events.
  var listeners = 64
  /// What may wait for one listener; beyond that events are left out.
  var streamBytes = 1 << 20
  /// How often a stream shows that it goes on.
  var beat: Duration = .seconds(15)
  /// How often the process's activity is looked at.
  var activityPeriod: Duration = ActivityHistory.rateStep
  /// How long a stop waits for exchanges under way.
  var stop: Duration = .seconds(5)
  /// How long no connection is accepted after the process ran out of descriptors.
  var acceptPause: Duration = .milliseconds(500)
}
