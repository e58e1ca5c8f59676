import CCurl
import Foundation
import GatewayCore

/// One request under way on one easy handle, and then the next: what it sends, and what its callbacks have seen.
///
/// Belongs to the thread of its `TransferLoop`, on which libcurl calls back.
final class Transfer {
  /// A longer timeout counts as this.
  private static let timeLimit = Duration.seconds(7 * 86_400)

  let easy = EasyHandle()
  /// The handle points into it.
  private let tls: TLSSettings?
  private(set) var seen = Observations()
  private var submission: Submission?
  private var headers: StringList?
  private var addresses: KnownAddresses?
  private var policy = AddressPolicy()

  /// - Parameter tls: What every request that it carries goes by.
  init(settings: TransferSettings, tls: TLSSettings?) {
    self.tls = tls
    easy.applyPolicy(settings)
    if let tls { easy.apply(tls) }
    // SAFETY: libcurl calls back only while the handle is in use, and the handle goes with this object.
    let context = Unmanaged.passUnretained(self).toOpaque()
    easy.setResponseCallbacks(head: headCallback, body: bodyCallback, context: context)
    easy.setAddressCallbacks(open: openSocketCallback, beforeRequest: beforeRequestCallback, context: context)
  }

  /// - Parameter addresses: Where the host is; nil if the host is an address itself.
  func prepare(
    _ submission: Submission, headers: consuming StringList, addresses: KnownAddresses?, policy: AddressPolicy
  ) {
    let request = submission.request
    easy.set(CURLOPT_URL, request.url)
    easy.set(CURLOPT_HTTPHEADER, headers)
    if let addresses { easy.set(CURLOPT_RESOLVE, addresses.list) } else { easy.clearList(CURLOPT_RESOLVE) }
    easy.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(until: submission.deadline))
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(until: submission.connectDeadline))
    // SAFETY: libcurl keeps the pointer until the transfer is over. An array's elements stay where they are as long as
    // it is neither changed nor freed, and `submission` holds this one, unchanged, until `reset`.
    request.body.withUnsafeBytes { easy.setBody($0) }
    self.submission = submission
    self.headers = consume headers
    self.addresses = addresses
    self.policy = policy
    seen = Observations()
    if request.keepsAnswer { seen.keptBytes = ResponseLimit.body }
  }

  /// The transfer is over, as `code` says.
  func complete(_ code: CURLcode) -> (submission: Submission, result: AttemptResult)? {
    guard let submission else { return nil }
    let end = TransferEnd(code: code, easy: easy, seen: seen)
    return (submission, end.result(of: submission))
  }

  func isOf(_ group: RequestGroup) -> Bool { submission?.request.group === group }

  /// Lets go of the request. The handle must not be in use; it does not look at what it was given before the next
  /// `prepare` gives it something else.
  @discardableResult
  func reset() -> Submission? {
    defer { submission = nil }
    headers = nil
    addresses = nil
    return submission
  }

  /// As libcurl takes it: zero would mean its own limit, and much more than three weeks would not fit.
  private static func milliseconds(until moment: ContinuousClock.Instant) -> Int {
    let time = min(timeLimit, ContinuousClock.now.duration(to: moment))
    return Int(max(1, time.millisecondsRoundedUp))
  }
}

extension Transfer {
  /// What the callbacks have seen of one transfer.
  struct Observations {
    /// A connection stands, with TLS where the URL asks for it.
    var isConnected = false
    /// Some address was dialled, so a failure to connect is not only for refusals.
    var hasDialled = false
    /// Why an address was refused.
    var refusal: String?
    /// The number of the system's error when no socket could be made.
    var socketError: Int32 = 0
    var headBytes = 0
    /// The empty line behind a head has come. Of several heads, interim ones before the final one, it is about the last.
    var isHeadComplete = false
    /// With what comes behind the body, if it comes in chunks.
    var bodyBytes = 0
    /// The first digit of the status.
    var statusClass: UInt8 = 0
    /// How much of the body is kept, whatever the status says: of a failure some is in any case.
    var keptBytes = 0
    /// What is kept of the body.
    var answer: [UInt8] = []
    /// The response was longer than is read.
    var isBodyCut: Bool { bodyBytes > ResponseLimit.body }
    var isHeadTooLong: Bool { headBytes > ResponseLimit.head }
  }

  /// How much of a response is read. Its body is thrown away, unless the request asks for it or it is of a failure.
  enum ResponseLimit {
    static let head = 64 << 10
    static let body = 64 << 10
    /// What is kept of a failure's body.
    static let failure = 2 << 10
  }

  /// Takes one line of a head, or of the trailers behind a body in chunks. True to go on.
  func receiveHead(_ line: UnsafeRawBufferPointer) -> Bool {
    if seen.isHeadComplete, line.starts(with: Self.statusLineStart) { seen.isHeadComplete = false }
    if seen.isHeadComplete { return countBody(line.count) }
    seen.headBytes += line.count
    if line.starts(with: Self.statusLineStart), let blank = line.firstIndex(of: UInt8(ascii: " ")) {
      seen.statusClass = blank + 1 < line.endIndex ? line[blank + 1] : 0
    }
    seen.isHeadComplete = line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n")
    return !seen.isHeadTooLong
  }

  private static let statusLineStart = Array("HTTP/".utf8)

  /// True to go on.
  func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isFailure = seen.statusClass != UInt8(ascii: "2")
    let room = (isFailure ? max(ResponseLimit.failure, seen.keptBytes) : seen.keptBytes) - seen.answer.count
    if room > 0 { seen.answer.append(contentsOf: bytes.prefix(room)) }
    return countBody(bytes.count)
  }

  private func countBody(_ count: Int) -> Bool {
    seen.bodyBytes += count
    return !seen.isBodyCut
  }

  /// Whether a connection may go to this address; if not, why is noted.
  func permits(_ address: IPAddress, port: Int) -> Bool {
    guard let endpoint = submission?.request.endpoint else { return false }
    let refusal = policy.refusal(of: address, port: port, privateAddresses: endpoint.privateAddresses)
    if let refusal { seen.refusal = refusal }
    return refusal == nil
  }

  /// The socket for a new connection, or `CURL_SOCKET_BAD`.
  func openSocket(_ address: IPAddress, port: Int, make: () -> Int32) -> Int32 {
    guard permits(address, port: port) else { return -1 }
    seen.hasDialled = true
    let socket = make()
    if socket < 0 { seen.socketError = errno }
    return socket
  }

  /// Whether the request may go out over the connection that was found or made for it.
  func mayUseConnection(to address: IPAddress, port: Int) -> Bool {
    guard permits(address, port: port) else { return false }
    seen.isConnected = true
    return true
  }
}
