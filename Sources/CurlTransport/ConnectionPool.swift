import CCurl
import GatewayCore

/// The connections for one kind of TLS settings, and the transfers that share them.
///
/// libcurl looks at host, port and certificate when it looks for a connection to use again, but not at the private key,
/// and a handle may resume a TLS session of its own past. So each kind of settings has a multi handle and easy handles to
/// itself: what goes by others cannot meet its connections.
///
/// Belongs to the thread of its `TransferLoop`, on which libcurl calls back.
final class ConnectionPool {
  /// Transfers kept for reuse: their handles are dear to make.
  private static let idleTransferLimit = 256

  /// Nil: the system's authorities, and no client certificate.
  let tls: TLSSettings?
  /// What the epoll instance knows its sockets by.
  let slot: Int
  /// When libcurl wants to be called at the latest.
  private(set) var timer: ContinuousClock.Instant?
  /// When its last transfer ended; nil while there are some.
  private(set) var idleSince: ContinuousClock.Instant? = .now

  private let settings: TransferSettings
  private let epoll: Epoll
  private let multi = MultiHandle()
  private var watched: Set<Int32> = []
  private var active: [UnsafeMutableRawPointer: Transfer] = [:]
  private var idle: [Transfer] = []

  init(tls: TLSSettings?, slot: Int, settings: TransferSettings, epoll: Epoll) {
    self.tls = tls
    self.slot = slot
    self.settings = settings
    self.epoll = epoll
    // SAFETY: libcurl calls back only from calls that this object makes.
    multi.setCallbacks(
      socket: socketCallback, timer: timerCallback, context: Unmanaged.passUnretained(self).toOpaque())
  }

  /// False if libcurl does not take the request; then nothing has begun.
  func start(
    _ submission: Submission, headers: consuming StringList, addresses: KnownAddresses?, policy: AddressPolicy
  ) -> Bool {
    let transfer = idle.popLast() ?? Transfer(settings: settings, tls: tls)
    transfer.prepare(submission, headers: headers, addresses: addresses, policy: policy)
    guard multi.add(transfer.easy) else {
      transfer.reset()
      return false
    }
    active[transfer.easy.pointer] = transfer
    idleSince = nil
    return true
  }

  func fireTimer(at now: ContinuousClock.Instant) {
    guard let due = timer, due <= now else { return }
    timer = nil
    multi.timerFired()
  }

  /// A socket of this pool's is ready for what `events` (`CURL_CSELECT_…`) says.
  func socketIsReady(_ socket: Int32, events: Int32) { multi.socketIsReady(socket, events: events) }

  /// Calls the completions of what is over.
  func finishCompleted() {
    while let (easy, code) = multi.nextCompleted() {
      guard let transfer = active.removeValue(forKey: easy) else { continue }
      multi.remove(transfer.easy)
      let completed = transfer.complete(code)
      transfer.reset()
      if idle.count < Self.idleTransferLimit { idle.append(transfer) }
      if active.isEmpty { idleSince = .now }
      if let (submission, result) = completed { submission.completion(result) }
    }
  }

  /// Breaks off what is under way of a group; the caller ends it.
  func cut(_ group: RequestGroup) -> [Submission] {
    let ofGroup = active.filter { $0.value.isOf(group) }
    return ofGroup.compactMap { easy, transfer in
      active[easy] = nil
      multi.remove(transfer.easy)
      if active.isEmpty { idleSince = .now }
      return transfer.reset()
    }
  }

  /// Breaks off everything under way; the caller ends it.
  func stop() -> [Submission] {
    defer { active.removeAll() }
    return active.values.compactMap { transfer in
      multi.remove(transfer.easy)
      return transfer.reset()
    }
  }

  /// libcurl wants to know when `socket` is ready for `wanted`.
  fileprivate func watch(_ socket: Int32, for wanted: Int32) {
    if wanted == CURL_POLL_REMOVE {
      watched.remove(socket)
      epoll.forget(socket)
    } else {
      epoll.watch(socket, for: wanted, isNew: watched.insert(socket).inserted, slot: slot)
    }
  }

  /// libcurl wants to be called after this time, or not at all.
  fileprivate func setTimer(milliseconds: Int) {
    timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
  }
}

private func socketCallback(
  _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ wanted: Int32, _ context: UnsafeMutableRawPointer?,
  _ ofSocket: UnsafeMutableRawPointer?
) -> Int32 {
  pool(context)?.watch(socket, for: wanted)
  return 0
}

private func timerCallback(
  _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  pool(context)?.setTimer(milliseconds: milliseconds)
  return 0
}

// SAFETY: the context is the pool whose call into libcurl is under way.
private func pool(_ context: UnsafeMutableRawPointer?) -> ConnectionPool? {
  context.map { Unmanaged<ConnectionPool>.fromOpaque($0).takeUnretainedValue() }
}
