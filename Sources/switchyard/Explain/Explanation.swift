import GatewayCore

/// What becomes of one callback, told without doing any of it: the document of `explain --json`.
struct Explanation: Encodable {
  /// In the door's order. All are told, also those behind one that fails.
  var checks: [ExplainedCheck]
  /// The answer of the first check that fails, if one does; all else is told as if it had not.
  var refusal: ExplainedRefusal?
  /// Nil where a check leaves nothing to tell of: the app is not known, or the body is none.
  var callback: ExplainedCallback?
  /// The first of them, in order.
  var events: [ExplainedEvent] = []
  /// In the routes file's order.
  var subscribers: [SubscriberShare] = []
  /// Nil if nobody gets any, or not the one that was asked for.
  var delivery: SampleDelivery?
}

/// One of the callback door's checks.
struct ExplainedCheck: Encodable {
  enum Name: String, Encodable { case size, app, address, sign, body }

  var name: Name
  /// One word, such as `known`, `stale` or `not_looked_at`.
  var result: String
  /// The same in words, with what it goes by.
  var words: String
  /// What it would be answered; nil if it passes.
  var refusal: ExplainedRefusal?
}

/// What a refused callback is answered.
struct ExplainedRefusal: Encodable {
  var status: Int
  /// The label of the metric.
  var reason: String
  var sentence: String
}

/// What a callback is taken for.
struct ExplainedCallback: Encodable {
  /// By what repeats of it are known.
  struct Repeats: Encodable {
    /// `request-id`, `body` or `none`, as the app says.
    var by: String
    /// Whether a repeat of this one would be known.
    var areKnown: Bool
    /// Whether each time it comes it has the ids that are shown.
    var idsStay: Bool
    var words: String
  }

  var app: Int64
  var command: String
  /// The command's row of the catalogue; nil if it has none.
  var row: CatalogueRow?
  /// Why it is carried whole; nil if it is not, or has nothing to be split.
  var unsplitReason: String?
  var repeats: Repeats
  /// How many events it becomes.
  var eventCount: Int
  /// Whether Tencent waits for the answer to know whether something may happen.
  var isQuestion: Bool
  /// Who decides that; nil: nobody, so it may.
  var decision: ExplainedDecision?
  /// The JSON that Tencent is answered when all is well and nobody decides otherwise. Of a question the events that are
  /// shown carry it, where those that are delivered carry what was decided.
  var reply: String
}

/// One event.
struct ExplainedEvent: Encodable {
  var id: String
  /// The full type.
  var type: String
  /// RFC 3339.
  var time: String
  var partitionKey: String?
  var from: String?
  var to: String?
  var group: String?
  var account: String?
}
