package import GatewayCore

/// What an authentic callback comes to.
package struct ReadCallback: Sendable {
  /// Nil: its batch field is an empty array, so there is nothing to write down, and the answer is OK.
  package var batch: NewBatch?
  /// Set when it is carried whole because of this.
  package var unsplitReason: UnsplitReason?
  /// The answer's JSON body when all is well: the command's neutral one.
  package var reply: [UInt8]

  package init(batch: NewBatch?, unsplitReason: UnsplitReason?, reply: [UInt8]) {
    self.batch = batch
    self.unsplitReason = unsplitReason
    self.reply = reply
  }
}
