import GatewayCore

/// One request as the transport was given it.
struct Attempt: Sendable {
  var endpoint: Endpoint
  var query: String?
  var headers: [(name: String, value: String)]
  var body: [UInt8]
  var group: RequestGroup?

  init(_ request: OutboundRequest) {
    endpoint = request.endpoint
    query = request.query
    headers = request.headers
    body = request.body
    group = request.group
  }

  /// The subscriber it is for: the last part of the URL's path.
  var subscriber: String { endpoint.url.split(separator: "/").last.map(String.init) ?? "" }
  /// `webhook-id`.
  var event: String { self["webhook-id"] ?? "" }
  /// `switchyard-attempt`.
  var number: Int { self["switchyard-attempt"].flatMap(Int.init) ?? 0 }

  /// The value of a header that stands there once.
  subscript(name: String) -> String? {
    let found = headers.filter { $0.name.lowercased() == name.lowercased() }
    return found.count == 1 ? found[0].value : nil
  }
}
