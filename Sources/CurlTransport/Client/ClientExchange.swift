import CCurl
import GatewayCore

/// One request and its answer, on the thread that runs it.
final class ClientExchange {
  /// How soon a cancellation is noticed.
  private static let pollMilliseconds: Int32 = 100
  private static let connectTimeout = Duration.seconds(5)

  private let easy = EasyHandle()
  private let receive: HTTPClient.Receiver
  private var head = ClientAnswer.Head(status: 0)
  private var isStopped = false

  init(settings: TransferSettings, receive: @escaping HTTPClient.Receiver) {
    self.receive = receive
    easy.applyPolicy(settings)
    // SAFETY: libcurl calls back only from `run`, and the handle goes with this object.
    easy.setResponseCallbacks(
      head: clientHeadCallback, body: clientBodyCallback, context: Unmanaged.passUnretained(self).toOpaque())
  }

  func run(_ request: ClientRequest, isCancelled: () -> Bool) -> Result<ClientAnswer.Head, ClientFailure> {
    guard let headers = StringList(headers: request.headers) else {
      return .failure(.unusable("a header holds a line break"))
    }
    easy.set(CURLOPT_URL, request.url)
    easy.set(CURLOPT_HTTPHEADER, headers)
    setTimes(of: request)
    // SAFETY: libcurl keeps the pointer until the transfer is over, which is within this closure.
    let code = request.body.withUnsafeBytes { body in
      setMethod(of: request, body: body)
      return perform(isCancelled)
    }
    easy.clearList(CURLOPT_HTTPHEADER)
    return result(of: code)
  }

  private func setTimes(of request: ClientRequest) {
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(Self.connectTimeout.milliseconds))
    if let timeout = request.timeout { easy.set(CURLOPT_TIMEOUT_MS, Int(timeout.milliseconds)) }
    guard let silence = request.silence else { return }
    easy.set(CURLOPT_LOW_SPEED_LIMIT, 1)
    easy.set(CURLOPT_LOW_SPEED_TIME, Int(silence.components.seconds))
  }

  private func setMethod(of request: ClientRequest, body: UnsafeRawBufferPointer) {
    switch request.method {
    case .get: easy.set(CURLOPT_HTTPGET, 1)
    case .post: easy.setBody(body)
    case .delete:
      easy.set(CURLOPT_HTTPGET, 1)
      easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  /// Nil if it was cancelled.
  private func perform(_ isCancelled: () -> Bool) -> CURLcode? {
    let multi = MultiHandle()
    guard multi.add(easy) else { return CURLE_FAILED_INIT }
    defer { multi.remove(easy) }
    while multi.perform() {
      if isCancelled() { return nil }
      multi.wait(milliseconds: Self.pollMilliseconds)
    }
    return multi.nextCompleted()?.code ?? CURLE_RECV_ERROR
  }

  private func result(of code: CURLcode?) -> Result<ClientAnswer.Head, ClientFailure> {
    guard let code else { return .failure(.cancelled) }
    head.status = easy.number(CURLINFO_RESPONSE_CODE)
    if code == CURLE_OK || isStopped { return .success(head) }
    return .failure(ClientFailure(code: code, easy: easy, isConnected: easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0))
  }

  /// Takes one line of a head. Of several heads, interim ones before the final one, the last counts.
  fileprivate func takeHead(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") { head = ClientAnswer.Head(status: easy.number(CURLINFO_RESPONSE_CODE)) }
    guard let colon = text.firstIndex(of: ":"), text[..<colon].lowercased() == "content-type" else { return }
    let value = text[text.index(after: colon)...].prefix { $0 != ";" && !$0.isNewline }
    head.contentType = String(value).lowercased().filter { !$0.isWhitespace }
  }

  /// True to go on.
  fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    head.status = easy.number(CURLINFO_RESPONSE_CODE)
    isStopped = !receive(head, Array(bytes))
    return !isStopped
  }
}

// What libcurl calls, as C functions; the context is the exchange.

private func clientHeadCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  exchange(context).takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

private func clientBodyCallback(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  // Anything but the number of bytes ends the transfer.
  exchange(context).takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : -1
}

// SAFETY: the context is set by the exchange itself, which libcurl's handle does not outlive.
private func exchange(_ context: UnsafeMutableRawPointer?) -> ClientExchange {
  guard let context else { preconditionFailure("libcurl calls back without its context") }
  return Unmanaged<ClientExchange>.fromOpaque(context).takeUnretainedValue()
}
