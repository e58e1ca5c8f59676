import NIOHTTP1

/// The headers of a delivery that `receive` looks at.
struct DeliveryHeaders: Sendable {
  var id: String?
  var timestamp: String?
  var signature: String?
  var attempt: Int?

  init(id: String? = nil, timestamp: String? = nil, signature: String? = nil, attempt: Int? = nil) {
    self.id = id
    self.timestamp = timestamp
    self.signature = signature
    self.attempt = attempt
  }

  init(_ headers: HTTPHeaders) {
    id = headers.first(name: "webhook-id")
    timestamp = headers.first(name: "webhook-timestamp")
    signature = headers.first(name: "webhook-signature")
    attempt = headers.first(name: "switchyard-attempt").flatMap { Int($0) }
  }
}
