package import GatewayCore
package import TencentChat

/// Where callbacks go, and how Tencent's side of it behaves.
package struct CallbackSettings: Sendable {
  package var target: CallbackTarget
  /// Signs each callback.
  package var token: Secret?
  /// From the answer to the callback.
  package var delay: Duration = .zero
  /// How often a callback is posted again that was not answered in time; other failures are final.
  package var retriesOnTimeout = 0

  package init(target: CallbackTarget, token: Secret? = nil) {
    self.target = target
    self.token = token
  }
}
