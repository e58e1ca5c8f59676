package import GatewayCore

/// What an authentic callback comes to.
package struct ReadCallback: Sendable {
  /// What the query names, or the body.
  package let command: String
  /// Nil while its question is open, and where there is nothing to write down because its batch field is an empty array.
  package var batch: NewBatch?
  /// Set when it is carried whole because of this.
  package var unsplitReason: UnsplitReason?
  /// The answer's JSON body when all is well: the command's neutral one, or what was decided.
  package var reply: [UInt8]
  /// Set when Tencent waits for the answer to know whether something may happen, until it is answered.
  package var question: Question?

  init(
    command: String, batch: NewBatch?, unsplitReason: UnsplitReason?, reply: [UInt8], question: Question? = nil
  ) {
    self.command = command
    self.batch = batch
    self.unsplitReason = unsplitReason
    self.reply = reply
    self.question = question
  }

  /// The same with the answer to its question, which goes into the journal with it.
  package func answered(_ answer: [UInt8]) -> ReadCallback {
    guard let question else { return self }
    var answered = self
    answered.question = nil
    answered.reply = answer
    answered.batch = question.batch(answer)
    return answered
  }
}

extension ReadCallback {
  /// What Tencent wants to know. An object, so that a callback without one, which nearly all are, is copied as fast as if
  /// there were none.
  package final class Question: Sendable {
    package let id: BatchID
    package let kind: EventKind
    package let record: CallbackRecord
    /// Without its payload, which takes the answer: a body is kept once.
    private let draft: NewBatch
    private let form: CatalogueEntry.ReplyForm

    /// - Parameter draft: A batch whose payload is still to be made.
    init(_ draft: NewBatch, record: CallbackRecord, form: CatalogueEntry.ReplyForm) {
      id = draft.id
      kind = draft.kind
      self.draft = draft
      self.record = record
      self.form = form
    }

    /// The answer that lets it not happen, in the command's own form.
    package var denial: [UInt8] {
      // The body has been read before.
      guard let body = try? CallbackBody(record.body), let denial = try? CallbackReply.denial(form, to: body) else {
        return CallbackReply.denied
      }
      return denial
    }

    fileprivate func batch(_ answer: [UInt8]) -> NewBatch {
      var (record, batch) = (record, draft)
      record.decision = answer
      batch.payload = record.encoded()
      return batch
    }
  }
}
