/// One request of a command to a door that speaks JSON.
package struct ClientRequest: Sendable {
  package enum Method: String, Sendable { case get = "GET", post = "POST", delete = "DELETE" }

  package var method: Method
  package var url: String
  package var headers: [(name: String, value: String)]
  /// Of a POST.
  package var body: [UInt8]
  /// The longest that all of it may take; nil for a stream, which ends when it ends.
  package var timeout: Duration?
  /// The longest that a stream may be silent.
  package var silence: Duration?

  package init(
    _ method: Method, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Duration? = .seconds(30), silence: Duration? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.silence = silence
  }
}

/// What such a request was answered.
package struct ClientAnswer: Sendable {
  package struct Head: Hashable, Sendable {
    package var status: Int
    /// In lower case and without parameters, as in `application/json`; nil if the answer does not say.
    package var contentType: String?
  }

  package var head: Head
  package var body: [UInt8]

  package init(head: Head, body: [UInt8]) {
    self.head = head
    self.body = body
  }
}
