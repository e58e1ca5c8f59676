package import GatewayCore

/// Turns an authentic callback into a batch for the journal and the answer for Tencent.
///
/// It refuses only what is no callback at all; what has another shape than its command should have is carried whole.
package struct CallbackReader: Sendable {
  private let identities: BatchIdentities
  private let rows: [String: CatalogueEntry]

  /// - Parameter newID: makes the ids of batches that are not known by a request id.
  package init(
    digest: any Digest, catalogue: [CatalogueEntry] = EventCatalogue.entries,
    newID: @escaping @Sendable (Timestamp) -> BatchID = BatchID.random
  ) {
    identities = BatchIdentities(digest: digest, newID: newID)
    rows = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.command, $0) })
  }

  /// - Parameters:
  ///   - peer: Where the callback came from; never the query's `ClientIP`.
  ///   - via: The gateways that have sent it on.
  package func read(
    query: CallbackQuery, app: AppConfiguration, peer: String, traceparent: String?, via: Via = Via(),
    body bytes: [UInt8], receivedAt: Timestamp
  ) throws(MalformedCallback) -> ReadCallback {
    let found: Finding?
    do { found = try find(in: bytes, query: query) } catch { throw .syntax(error) }
    guard let found else { throw .unnamedCommand }
    let (command, plan) = (found.command, found.plan)
    guard plan.eventCount > 0 else {
      return ReadCallback(command: command, batch: nil, unsplitReason: nil, reply: found.reply)
    }
    let identity = identities.identify(query: query, app: app, command: command, body: bytes, receivedAt: receivedAt)
    let record = CallbackRecord(
      query: query.withoutCredentials, peer: peer, traceparent: traceparent, via: via, body: bytes)
    var batch = NewBatch(
      id: identity.id, kind: EventKind(app: app.id, type: plan.type, command: command), eventCount: plan.eventCount,
      receivedAt: receivedAt, derivation: plan.rule.derivation, payload: [], duplicateKey: identity.duplicateKey)
    if let form = found.questionForm {
      return ReadCallback(
        command: command, batch: nil, unsplitReason: plan.unsplitReason, reply: found.reply,
        question: ReadCallback.Question(batch, record: record, form: form))
    }
    batch.payload = record.encoded()
    return ReadCallback(
      command: command, batch: batch, unsplitReason: plan.unsplitReason, reply: found.reply)
  }

  private struct Finding {
    let command: String
    let plan: SplitPlan
    let reply: [UInt8]
    /// Nil if Tencent does not wait for the answer.
    let questionForm: CatalogueEntry.ReplyForm?
  }

  /// Nil when nothing names the command.
  private func find(in bytes: [UInt8], query: CallbackQuery) throws(JSONSyntaxError) -> Finding? {
    let body = try CallbackBody(bytes)
    let named = query.command ?? body.command
    let namedRow = named.flatMap { rows[$0] }
    let namesInItems = named == nil || namedRow?.rule.batchField == EventCatalogue.itemsNamingCommand
    let inItems = namesInItems ? try body.commands(ofItemsIn: EventCatalogue.itemsNamingCommand) : []
    guard let command = named ?? inItems.first else { return nil }
    let row = namedRow ?? (named == nil ? rows[command] : nil)
    let agrees = body.agrees(on: command) && inItems.allSatisfy { $0 == command }
    let plan = try SplitPlan.plan(for: body, entry: row, agreesOnCommand: agrees)
    let form = row?.replyForm ?? .errorCode
    return Finding(
      command: command, plan: plan, reply: try CallbackReply.neutral(form, to: body),
      questionForm: row?.timing == .before ? form : nil)
  }
}
