package import TencentChat

/// A callback that was posted in vain, or not at all.
package struct CallbackFailure: Hashable, Sendable {
  package let command: PairCommand
  /// Nil if it was never posted.
  package let requestID: String?
  /// One sentence. It holds neither the query nor the body.
  package let reason: String
  package let isTriedAgain: Bool
}
