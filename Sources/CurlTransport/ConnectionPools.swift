import GatewayCore

/// The connection pools of one thread: one for requests without TLS settings, and one for each kind of settings.
///
/// The first is there for good. The others are made when they are needed, and let go of with their connections and keys
/// when they have carried nothing for a while, as when their files have changed, or when too many of them are idle.
struct ConnectionPools {
  /// Longer than a connection is used again after its last request.
  static let idleLimit = Duration.seconds(60)
  /// Idle pools that are kept; those with transfers are as many as the senders have settings in flight.
  static let idlePoolLimit = 64

  /// How often idle pools are looked for.
  private static let retirementInterval = Duration.seconds(1)

  /// For requests without TLS settings.
  let standard: ConnectionPool
  private let settings: TransferSettings
  private let epoll: Epoll
  private var others: [TLSSettings: ConnectionPool] = [:]
  /// All pools by their slots.
  private var slots: [ConnectionPool?]
  private var nextRetirement = ContinuousClock.now

  init(settings: TransferSettings, epoll: Epoll) {
    self.settings = settings
    self.epoll = epoll
    standard = ConnectionPool(tls: nil, slot: 0, settings: settings, epoll: epoll)
    slots = [standard]
  }

  /// How many pools there are besides the standard one.
  var extraCount: Int { others.count }

  /// The pool for these settings, made if need be.
  mutating func pool(for tls: TLSSettings?) -> ConnectionPool {
    guard let tls else { return standard }
    if let pool = others[tls] { return pool }
    let slot = slots.firstIndex { $0 == nil } ?? slots.count
    let pool = ConnectionPool(tls: tls, slot: slot, settings: settings, epoll: epoll)
    if slot == slots.count { slots.append(pool) } else { slots[slot] = pool }
    others[tls] = pool
    return pool
  }

  func pool(inSlot slot: Int) -> ConnectionPool? { slots.indices.contains(slot) ? slots[slot] : nil }

  /// The earliest moment that libcurl waits for.
  var nextTimer: ContinuousClock.Instant? {
    others.values.reduce(standard.timer) { earliest, pool in
      guard let timer = pool.timer else { return earliest }
      return min(earliest ?? timer, timer)
    }
  }

  func fireTimers(at now: ContinuousClock.Instant) {
    standard.fireTimer(at: now)
    for pool in others.values { pool.fireTimer(at: now) }
  }

  /// Calls the completions of what is over.
  func finishCompleted() {
    standard.finishCompleted()
    for pool in others.values where pool.idleSince == nil { pool.finishCompleted() }
  }

  /// Lets go of pools that have been idle for long, and of those idle for longest if they are too many.
  mutating func retireIdle(at now: ContinuousClock.Instant) {
    guard !others.isEmpty, nextRetirement <= now else { return }
    nextRetirement = now + Self.retirementInterval
    let idle = others.values.compactMap { pool in pool.idleSince.map { (since: $0, pool: pool) } }
      .sorted { $0.since < $1.since }
    for (index, entry) in idle.enumerated() {
      guard entry.since + Self.idleLimit <= now || index < idle.count - Self.idlePoolLimit else { return }
      if let tls = entry.pool.tls { others[tls] = nil }
      slots[entry.pool.slot] = nil
    }
  }

  /// Breaks off what is under way of a group; the caller ends it.
  func cut(_ group: RequestGroup) -> [Submission] { slots.flatMap { $0?.cut(group) ?? [] } }

  /// Breaks off everything under way; the caller ends it.
  func stop() -> [Submission] { slots.flatMap { $0?.stop() ?? [] } }
}
