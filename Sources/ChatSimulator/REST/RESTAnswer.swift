package import GatewayCore
package import TencentChat

/// What became of one call: the answer to it, and the callbacks that it has.
package struct RESTAnswer: Sendable {
  /// As far as the call came, each of these is known.
  package var command: RESTCommand?
  package var appID: AppID?
  package var from: AccountID?
  package var rows: [RowResult] = []
  /// Why the whole call is refused; nil if it is not.
  package var error: RESTError?
  /// What is to be posted, in this order.
  package var callbacks: [PairCallback] = []
  /// Of whoever called.
  package let clientIP: String

  init(clientIP: String) { self.clientIP = clientIP }

  /// Refuses a request that nothing else is known of.
  init(_ error: RESTError, clientIP: String) {
    self.clientIP = clientIP
    self.error = error
  }

  package var body: [UInt8] {
    if let error { return RESTReply.body(error) }
    guard let command else { preconditionFailure("a call without a command is refused") }
    return RESTReply.body(rows, of: command)
  }
}
