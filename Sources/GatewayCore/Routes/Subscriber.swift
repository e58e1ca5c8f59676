/// One downstream webhook of the routes file, validated, its references resolved and the defaults filled in.
package struct Subscriber: Hashable, Sendable {
  /// Where a subscriber begins that the journal has not seen.
  package enum Start: Hashable, Sendable {
    case now
    case earliest
    case at(Timestamp)
  }

  package enum Ordering: String, Hashable, Sendable, CaseIterable {
    case none
    /// First arrivals of one ordering key come in journal order, one at a time.
    case key
  }

  package var name: String
  package var endpoint: Endpoint
  /// Empty if it is unsigned.
  package var secrets: [Secret]
  package var events: [EventPattern]
  /// Nil: of all apps.
  package var apps: Set<AppID>?
  /// Which events of those; nil: all of them.
  package var match: EventMatch?
  package var format: DeliveryForm
  /// Of meaning where the format is `batch`.
  package var batch: BatchPolicy
  package var ordering: Ordering
  package var start: Start
  /// Requests in flight at most.
  package var concurrency: Int
  /// Requests in some time at most; nil: as many as it takes.
  package var rateLimit: RateLimit?
  package var retry: RetryPolicy
  package var breaker: BreakerPolicy
  /// How long an undelivered event, or a dead letter, is held at all.
  package var keep: Duration
  /// Sent with each delivery, in the file's order; none of them is the gateway's own.
  package var headers: [WebhookRequest.Header]
  package var owner: String?
  package var paused: Bool

  package init(
    name: String, endpoint: Endpoint, secrets: [Secret], events: [EventPattern], apps: Set<AppID>? = nil,
    match: EventMatch? = nil, format: DeliveryForm = .event, batch: BatchPolicy = BatchPolicy(),
    ordering: Ordering = .none, start: Start = .now, concurrency: Int = 16, rateLimit: RateLimit? = nil,
    retry: RetryPolicy = RetryPolicy(), breaker: BreakerPolicy = BreakerPolicy(),
    keep: Duration = .seconds(7 * 86_400), headers: [WebhookRequest.Header] = [], owner: String? = nil,
    paused: Bool = false
  ) {
    self.name = name
    self.endpoint = endpoint
    self.secrets = secrets
    self.events = events
    self.apps = apps
    self.match = match
    self.format = format
    self.batch = batch
    self.ordering = ordering
    self.start = start
    self.concurrency = concurrency
    self.rateLimit = rateLimit
    self.retry = retry
    self.breaker = breaker
    self.keep = keep
    self.headers = headers
    self.owner = owner
    self.paused = paused
  }

  /// Whether events of this kind are for it, as far as the kind can tell: `match` may leave some of them out.
  package func wants(_ kind: EventKind) -> Bool {
    (apps?.contains(kind.app) ?? true) && events.contains { $0.matches(type: kind.type, command: kind.command) }
  }

  /// Whether the event at an index of a batch, of a kind that it wants, is for it.
  package func matches(_ batch: any DerivedBatch, at index: Int) -> Bool {
    match?.holds(for: { batch.text(of: $0, at: index) }) ?? true
  }
}
