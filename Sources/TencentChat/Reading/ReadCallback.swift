package import GatewayCore

/// What an authentic callback comes to.
package struct ReadCallback: Sendable {
  /// Nil: its batch field is an empty array, so there is nothing to write down, and the answer is OK.
  package var batch: NewBatch?
  /// Set when it is carried whole because of this.
  package var unsplitReason: UnsplitReason?
  /// The answer's JSON body when all is well: the command's neutral one, or what was decided.
  package var reply: [UInt8]
  /// Set when Tencent waits for the answer to know whether something may happen.
  package var question: Question?

  package init(batch: NewBatch?, unsplitReason: UnsplitReason?, reply: [UInt8], question: Question? = nil) {
    self.batch = batch
    self.unsplitReason = unsplitReason
    self.reply = reply
    self.question = question
  }

  /// What Tencent wants to know.
  package struct Question: Sendable {
    /// The answer that lets it not happen, in the command's own form.
    package let denial: [UInt8]
    package let record: CallbackRecord
  }

  /// The same with the answer to its question, which goes into the journal with it. No question is left.
  package func answered(_ answer: [UInt8]) -> ReadCallback {
    var answered = self
    answered.reply = answer
    guard var record = question?.record else { return answered }
    record.decision = answer
    answered.batch?.payload = record.encoded()
    answered.question = nil
    return answered
  }
}
