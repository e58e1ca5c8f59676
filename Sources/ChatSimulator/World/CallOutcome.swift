package import TencentChat

/// What a call did: its rows in the order asked for, and the changes that callbacks tell of.
package struct CallOutcome: Hashable, Sendable {
  package var rows: [RowResult] = []
  /// The changes that the call was for.
  package var pairs: [CallbackPair] = []
  /// Friendships that ended by a block, each direction a pair.
  package var dissolved: [CallbackPair] = []
}
