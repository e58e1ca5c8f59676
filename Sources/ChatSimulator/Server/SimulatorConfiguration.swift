/// Where the stand-in listens, and how long it takes.
package struct SimulatorConfiguration: Sendable {
  /// An address or a name, IPv6 without brackets.
  package var host: String
  /// 0 takes any free port.
  package var port: Int
  /// From a whole request to its answer, beside the work itself.
  package var latency: Duration = .zero
  var limits = SimulatorLimits()

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }
}

/// The bounds of the door and of its end.
struct SimulatorLimits: Sendable {
  /// Further ones wait in the kernel's queue.
  var connections = 256
  var headBytes = 16 << 10
  var headerCount = 100
  /// More than a thousand friends with long remarks take.
  var bodyBytes = 2 << 20
  /// Between two requests, and for a head to be complete.
  var idle: Duration = .seconds(75)
  /// From a request's head to the last byte of its answer, beside the latency; then the connection is closed.
  var exchange: Duration = .seconds(30)
  /// How long a stop waits for exchanges under way.
  var stop: Duration = .seconds(5)
  /// How long a stop waits for callbacks that have not been posted.
  var posting: Duration = .seconds(3)
}
