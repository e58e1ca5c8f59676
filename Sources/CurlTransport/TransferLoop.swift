import CCurl
import GatewayCore

/// Runs one thread's transfers: libcurl says which sockets and what time it waits for, epoll waits, libcurl goes on.
///
/// It is not `Sendable` and is made on the thread that runs it. So the compiler keeps every handle of libcurl's on that
/// thread, and others reach the loop through its mailbox alone.
final class TransferLoop {
  static let stopping = "the gateway is stopping"
  static let brokenOff = "broken off: the gateway no longer works its subscriber"
  /// Authorities whose addresses are remembered; beyond it the table starts anew.
  private static let knownAddressesLimit = 4096
  /// How long a request waits for a name's new addresses while the old ones are known, and for how long the old ones are
  /// then taken for good: names that hang must not hold up others.
  private static let patience = Duration.milliseconds(250)
  private static let borrowedTime = Duration.seconds(5)
  /// The longest wait without looking around.
  private static let waitLimit = Duration.seconds(60)

  private let mailbox: Mailbox
  private let resolver: Resolver
  private let epoll = Epoll()
  private var pools: ConnectionPools
  private var policy = AddressPolicy()
  private var lookups = PendingLookups()
  private var knownAddresses: [Authority: KnownAddresses] = [:]

  init(mailbox: Mailbox, resolver: Resolver, settings: TransferSettings) {
    self.mailbox = mailbox
    self.resolver = resolver
    pools = ConnectionPools(settings: settings, epoll: epoll)
  }

  /// Returns when the mailbox is closed and every transfer is over.
  func run() {
    epoll.watch(mailbox.descriptor, for: CURL_POLL_IN, isNew: true)
    while true {
      let mail = mailbox.take()
      for message in mail.messages { receive(message) }
      if mail.isClosed { return stop() }
      endLateLookups()
      let now = ContinuousClock.now
      pools.fireTimers(at: now)
      pools.finishCompleted()
      pools.retireIdle(at: now)
      waitForEvents()
    }
  }

  private func receive(_ message: Mailbox.Message) {
    switch message {
    case .send(let submission): begin(submission)
    case .apply(let policy): self.policy = policy
    case .cut(let group):
      for submission in lookups.drain(group) + pools.cut(group) { end(submission, .other, Self.brokenOff) }
    case .looked(let name, let answer):
      for submission in lookups.finish(name) { start(submission, answer) }
    }
  }

  private func begin(_ submission: Submission) {
    guard let authority = submission.authority else {
      return end(submission, .other, "the URL is not an absolute http or https URL")
    }
    if authority.isAddress { return start(submission, addresses: nil) }
    let known = knownAddresses[authority]
    if let known, known.validUntil > .now { return start(submission, addresses: known) }
    let patience = known.flatMap { $0.usableUntil > .now ? Self.patience : nil }
    guard lookups.add(submission, for: authority.host, patience: patience) else { return }
    let answer = resolver.resolve(authority.host) { [mailbox] answer in
      _ = mailbox.post(.looked(up: authority.host, answer))
    }
    guard let answer else { return }
    for submission in lookups.finish(authority.host) { start(submission, answer) }
  }

  private func start(_ submission: Submission, _ answer: Resolver.Answer) {
    guard let authority = submission.authority else { return }
    switch answer {
    case .failure(let sentence, isTemporary: true):
      if !startWithOldAddresses(submission, authority) { end(submission, .dns, sentence) }
    case .failure(let sentence, isTemporary: false):
      knownAddresses[authority] = nil
      end(submission, .dns, sentence)
    case .addresses(let addresses, let validUntil):
      if let known = knownAddresses[authority], known.validUntil == validUntil {
        return start(submission, addresses: known)
      }
      if knownAddresses.count >= Self.knownAddressesLimit { knownAddresses.removeAll() }
      let known = KnownAddresses(addresses, of: authority, validUntil: validUntil)
      knownAddresses[authority] = known
      start(submission, addresses: known)
    }
  }

  /// False if there are none that will do.
  private func startWithOldAddresses(_ submission: Submission, _ authority: Authority) -> Bool {
    guard let known = knownAddresses[authority], known.usableUntil > .now else { return false }
    known.prolong(until: .now + Self.borrowedTime)
    start(submission, addresses: known)
    return true
  }

  private func start(_ submission: Submission, addresses: KnownAddresses?) {
    guard let headers = StringList(headers: submission.request.headers) else {
      return end(submission, .other, "a header holds a line break")
    }
    guard submission.deadline > .now else {
      return end(submission, .timeout, TransferEnd.timeoutSentence(submission.request.endpoint))
    }
    let pool = pools.pool(for: submission.request.endpoint.tls)
    guard pool.start(submission, headers: headers, addresses: addresses, policy: policy) else {
      return end(submission, .other, "libcurl does not take the request")
    }
  }

  private func end(_ submission: Submission, _ outcome: AttemptOutcome, _ sentence: String) {
    submission.completion(submission.ended(outcome, sentence))
  }

  private func endLateLookups() {
    for submission in lookups.expire(at: .now) {
      if let authority = submission.authority, submission.connectDeadline > .now,
        startWithOldAddresses(submission, authority)
      {
        continue
      }
      let wait = submission.startedAt.duration(to: submission.connectDeadline)
      end(submission, .dns, "the name's addresses were not found within \(wait.text)")
    }
  }

  private func waitForEvents() {
    var wait = Duration.zero
    if mailbox.prepareToWait() {
      let next = [pools.nextTimer, lookups.nextDeadline].compactMap { $0 }.min()
      wait = next.map { max(.zero, min(Self.waitLimit, ContinuousClock.now.duration(to: $0))) } ?? Self.waitLimit
    }
    epoll.wait(milliseconds: Int32(wait.millisecondsRoundedUp)) { socket, slot, events in
      if socket == mailbox.descriptor {
        mailbox.acknowledgeWake()
      } else {
        pools.pool(inSlot: slot)?.socketIsReady(socket, events: events)
      }
    }
  }

  private func stop() {
    for submission in lookups.drain() { end(submission, .other, Self.stopping) }
    for submission in pools.stop() { end(submission, .other, Self.stopping) }
  }
}
