/// One HTTP request as it came.
package struct RESTRequest: Hashable, Sendable {
  package var method: String
  /// Without the query.
  package var path: String
  package var query: String
  package var body: [UInt8]
  /// Of whoever calls.
  package var clientIP: String

  package init(method: String = "POST", path: String, query: String, body: [UInt8], clientIP: String) {
    self.method = method
    self.path = path
    self.query = query
    self.body = body
    self.clientIP = clientIP
  }
}
