import CurlTransport
import Foundation
import GatewayCore

/// The admin door of a gateway, as commands ask it: JSON in, JSON out, problems as errors.
struct AdminDoor: Sendable {
  /// What a change needs where the door has no tokens; no page of a stranger's can send it.
  private static let changeHeader = (name: "X-Switchyard-Admin", value: "1")
  /// A little longer than the door itself gives an exchange.
  private static let timeout = Duration.seconds(65)
  /// The stream has a comment every 15 seconds.
  private static let longestSilence = Duration.seconds(50)

  typealias Query = [(name: String, value: String)]

  let address: AdminAddress
  let token: Secret?
  let http: HTTPClient

  func get(_ path: String..., query: Query = []) async throws -> AdminAnswer {
    try await ask(.get, path, query: query, timeout: Self.timeout)
  }

  func post(_ path: String..., query: Query = []) async throws -> AdminAnswer {
    try await ask(.post, path, query: query, timeout: Self.timeout)
  }

  func post(
    _ path: String..., query: Query = [], json: some Encodable, timeout: Duration = Self.timeout
  ) async throws -> AdminAnswer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try await ask(.post, path, query: query, body: Array(try encoder.encode(json)), timeout: timeout)
  }

  func delete(_ path: String...) async throws -> AdminAnswer {
    try await ask(.delete, path, query: [], timeout: Self.timeout)
  }

  /// Reads server-sent events until the stream ends or `receive` wants no more.
  ///
  /// - Throws: `AdminDoorError` when it is refused, or breaks.
  func stream(_ path: String..., query: Query, receive: @escaping HTTPClient.Receiver) async throws {
    let url = address.url(path, query: query)
    var request = request(.get, url: url, accept: "text/event-stream")
    request.timeout = nil
    request.silence = Self.longestSilence
    let refusal = RefusedBody()
    let head: ClientAnswer.Head
    do {
      head = try await http.stream(request) { head, piece in
        head.isEventStream ? receive(head, piece) : refusal.append(piece)
      }
    } catch {
      throw AdminDoorError(error, at: address)
    }
    guard head.isEventStream else {
      throw AdminDoorError(refusing: ClientAnswer(head: head, body: refusal.bytes), at: address)
    }
  }

  /// A GET on the calling thread; nil whatever goes wrong.
  func getWaiting(_ path: String..., query: Query, timeout: Duration) -> AdminAnswer? {
    var request = request(.get, url: address.url(path, query: query), accept: "application/json")
    request.timeout = timeout
    guard let answer = try? http.answerWaiting(for: request), answer.head.status == 200 else { return nil }
    return AdminAnswer(body: answer.body, address: address)
  }

  private func ask(
    _ method: ClientRequest.Method, _ path: [String], query: Query, body: [UInt8]? = nil, timeout: Duration
  ) async throws -> AdminAnswer {
    var request = request(method, url: address.url(path, query: query), accept: "application/json")
    request.timeout = timeout
    if let body {
      request.body = body
      request.headers.append(("Content-Type", "application/json"))
    }
    let answer: ClientAnswer
    do {
      answer = try await http.answer(to: request)
    } catch {
      throw AdminDoorError(error, at: address)
    }
    guard (200..<300).contains(answer.head.status) else { throw AdminDoorError(refusing: answer, at: address) }
    return AdminAnswer(body: answer.body, address: address)
  }

  private func request(_ method: ClientRequest.Method, url: String, accept: String) -> ClientRequest {
    var headers = [(name: "Accept", value: "\(accept), application/problem+json")]
    if let token { headers.append(("Authorization", "Bearer \(token.exposed)")) }
    if method != .get { headers.append(Self.changeHeader) }
    return ClientRequest(method, url: url, headers: headers)
  }
}

extension ClientAnswer.Head {
  fileprivate var isEventStream: Bool { status == 200 && contentType == "text/event-stream" }
}
