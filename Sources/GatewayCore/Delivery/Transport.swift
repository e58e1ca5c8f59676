/// Sends requests to subscribers. It never queues behind a limit of its own: who sends bounds what is in flight.
package protocol Transport: Sendable {
  /// Starts one request and returns at once. `completion` is called exactly once, on a thread of the transport's own,
  /// within the endpoint's timeout; it must not block.
  func send(_ request: OutboundRequest, completion: @escaping @Sendable (AttemptResult) -> Void)

  /// Breaks off the requests of a group that are under way, soon after it returns: their connections are closed, and their
  /// completions are called with the outcome `other`.
  func cut(_ group: RequestGroup)
}

extension Transport {
  package func cut(_ group: RequestGroup) {}
}

/// Requests that may have to be broken off together.
package final class RequestGroup: Sendable {
  package init() {}
}

/// Where a subscriber's requests go and under what conditions; made once per subscriber and routes version.
package struct Endpoint: Hashable, Sendable {
  package enum PrivateAddresses: String, Hashable, Sendable, CaseIterable { case allow, deny }

  /// An absolute http or https URL that has been validated.
  package var url: String
  /// From the start of the attempt to the last byte of the response.
  package var timeout: Duration
  package var connectTimeout: Duration
  package var privateAddresses: PrivateAddresses
  /// Nil: the system's authorities, and no client certificate.
  package var tls: TLSSettings?

  package var isEncrypted: Bool { url.lowercased().hasPrefix("https:") }

  /// The URL as it may be shown: without a query, which may hold a key.
  package var shownURL: String { url.firstIndex(of: "?").map { String(url[..<$0]) + "?•••" } ?? url }

  package init(
    url: String, timeout: Duration, connectTimeout: Duration, privateAddresses: PrivateAddresses,
    tls: TLSSettings? = nil
  ) {
    self.url = url
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.privateAddresses = privateAddresses
    self.tls = tls
  }
}

/// One POST.
package struct OutboundRequest: Sendable {
  package var endpoint: Endpoint
  /// Goes behind what the endpoint's URL has of a query, byte for byte; a byte that no URL may hold is escaped. Never to
  /// be shown.
  package var query: String?
  /// All headers but `Host` and `Content-Length`, in order.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// Whether the result is to have the answer's body.
  package var keepsAnswer = false
  /// What it is broken off with; nil: with nothing.
  package var group: RequestGroup?

  package init(endpoint: Endpoint, headers: [(name: String, value: String)], body: [UInt8]) {
    self.endpoint = endpoint
    self.headers = headers
    self.body = body
  }
}

/// How an attempt ended, by the one word that metrics and logs use.
package enum AttemptOutcome: String, Hashable, Sendable, CaseIterable {
  case success
  case http3xx = "http_3xx"
  case http4xx = "http_4xx"
  case http5xx = "http_5xx"
  case timeout
  case connect
  case dns
  case tls
  case blocked
  case other
}

/// What became of one attempt. An answer of 500 or a timeout is a result, not an error.
package struct AttemptResult: Sendable {
  package var outcome: AttemptOutcome
  /// The HTTP status, if one came.
  package var status: Int?
  package var duration: Duration
  /// How long the receiver asks to be left alone: `Retry-After` from now; nil if it does not.
  package var retryAfter: Duration?
  /// One sentence for the operator; nil on success. It never holds a secret, a header or the request's body.
  package var error: String?
  /// What came of the answer's body; nil unless the request asks for it and a status came.
  package var answer: Answer?

  /// The body of an answer.
  package struct Answer: Hashable, Sendable {
    package var body: [UInt8]
    /// Whether it was longer than is read.
    package var isCut: Bool

    package init(body: [UInt8], isCut: Bool) {
      self.body = body
      self.isCut = isCut
    }
  }

  package init(
    outcome: AttemptOutcome, status: Int? = nil, duration: Duration, retryAfter: Duration? = nil,
    error: String? = nil, answer: Answer? = nil
  ) {
    self.outcome = outcome
    self.status = status
    self.duration = duration
    self.retryAfter = retryAfter
    self.error = error
    self.answer = answer
  }
}
