import GatewayCore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Carries requests to the endpoint and its answers back, each with the status 200 as Tencent's have, and bounds the
/// exchange in size and time.
struct SimulatorResponder: HTTPResponder {
  let endpoint: RESTEndpoint
  let poster: CallbackPoster
  let latency: Duration
  let limits: SimulatorLimits

  func respond(to request: Request, context: SimulatorRequestContext) async throws -> Response {
    let channel = context.channel
    // A connection whose exchange takes too long is closed without an answer: a clock that starts anew with each byte
    // would never stop a slow drip.
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limits.exchange + latency)) {
      channel.close(promise: nil)
    }
    guard let body = try await body(of: request) else {
      let refusal = RESTAnswer(.bodyTooLarge(limit: limits.bodyBytes), clientIP: context.clientIP)
      poster.post(refusal)
      return Self.response(to: request, refusal, closing: channel) { deadline.cancel() }
    }
    // Cut short when the caller hangs up or the server stops; the call is made all the same.
    if latency > .zero { try? await Task.sleep(for: latency) }
    let answer = endpoint.answer(
      RESTRequest(
        method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "", body: body,
        clientIP: context.clientIP))
    poster.post(answer)
    return Self.response(to: request, answer) { deadline.cancel() }
  }

  /// Nil if it is too large.
  private func body(of request: Request) async throws -> [UInt8]? {
    if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > limits.bodyBytes { return nil }
    do {
      return Array(buffer: try await request.body.collect(upTo: limits.bodyBytes))
    } catch is NIOTooManyBytesError {
      return nil
    }
  }

  /// - Parameters:
  ///   - channel: To be closed behind the answer, because the rest of the request is not wanted.
  ///   - ended: called when the answer has been written, or cannot be.
  private static func response(
    to request: Request, _ answer: RESTAnswer, closing channel: (any Channel)? = nil,
    ended: @escaping @Sendable () -> Void
  ) -> Response {
    let bytes = ByteBuffer(bytes: answer.body)
    var response = Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(contentLength: bytes.readableBytes) { writer in
        defer {
          ended()
          channel?.close(mode: .output, promise: nil)
        }
        try await writer.write(bytes)
        try await writer.finish(nil)
      })
    if channel != nil { response.headers[.connection] = "close" }
    return request.method == .head ? response.createHeadResponse() : response
  }
}
