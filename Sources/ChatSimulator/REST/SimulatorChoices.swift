import TencentChat

/// What Tencent's documents leave open, as this stand-in does it unless it is told otherwise.
///
/// Two more things are open and cannot be chosen: an account named twice in one call is judged twice, and a call whose
/// rows all fail is OK as a whole.
package struct SimulatorChoices: Hashable, Sendable {
  /// Whether a call that changed nothing has a callback, without pairs.
  package var postsEmptyCallbacks = false
  /// Whether a block that ends a friendship has a callback for that too.
  package var postsDissolvedFriendships = false
  /// What `friend_delete` does without a `DeleteType`.
  package var deleteType = DeleteType.single
  /// Whether a friendship that begins both ways is told as two pairs.
  package var mirrorsAdditions = false
  /// How many pairs a callback has at most.
  package var pairsPerCallback: Int?

  package init() {}

  /// What is posted of a call, in this order.
  ///
  /// - Parameter friending: What a callback of new friends has to say beside its pairs.
  func callbacks(
    of command: RESTCommand, _ outcome: CallOutcome, friending: PairCallback.Friending?
  ) -> [PairCallback] {
    let pairs = mirrorsAdditions ? outcome.pairs : Self.withoutMirrors(outcome.pairs)
    var callbacks: [PairCallback] = []
    if !pairs.isEmpty || postsEmptyCallbacks {
      callbacks += split(PairCallback(command.callback, pairs: pairs, friending: friending))
    }
    if !outcome.dissolved.isEmpty, postsDissolvedFriendships {
      callbacks += split(PairCallback(.friendDelete, pairs: outcome.dissolved))
    }
    return callbacks
  }

  /// Without the pairs that only say the other way round what the pair before them says.
  private static func withoutMirrors(_ pairs: [CallbackPair]) -> [CallbackPair] {
    pairs.enumerated().filter { index, pair in
      guard index > 0, pair.initiator != nil else { return true }
      let before = pairs[index - 1]
      return AccountID(before.from) != AccountID(pair.to) || AccountID(before.to) != AccountID(pair.from)
    }.map(\.element)
  }

  private func split(_ callback: PairCallback) -> [PairCallback] {
    guard let size = pairsPerCallback, callback.pairs.count > size else { return [callback] }
    return stride(from: 0, to: callback.pairs.count, by: size).map { start in
      var piece = callback
      piece.pairs = Array(callback.pairs[start..<min(start + size, callback.pairs.count)])
      return piece
    }
  }
}
