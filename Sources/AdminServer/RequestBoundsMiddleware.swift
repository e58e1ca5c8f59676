import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Bounds a whole exchange in size and time; the outermost middleware.
///
/// The body is read here, so that nothing further in waits for it. A connection whose exchange takes too long is
/// closed without an answer: a clock that starts anew with each byte would never stop a slow drip. The answer to HEAD
/// loses its body here too, whoever made it.
struct RequestBoundsMiddleware: RouterMiddleware {
  typealias Context = AdminRequestContext

  let limits: AdminLimits

  func handle(
    _ request: Request, context: AdminRequestContext,
    next: @concurrent (Request, AdminRequestContext) async throws -> Response
  ) async throws -> Response {
    let channel = context.channel
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limits.exchange)) { channel.close(promise: nil) }
    var (request, context) = (request, context)
    context.deadline = deadline
    guard try await collectBody(of: &request) else { return refuseBody(closing: channel) }
    var response = try await next(request, context)
    if request.method == .head { response = response.createHeadResponse() }
    response.body = response.body.followed { deadline.cancel() }
    return response
  }

  /// False if it is too large.
  private func collectBody(of request: inout Request) async throws -> Bool {
    if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > limits.bodyBytes {
      return false
    }
    do {
      _ = try await request.collectBody(upTo: limits.bodyBytes)
      return true
    } catch is NIOTooManyBytesError {
      return false
    }
  }

  /// The rest of the body is not wanted: our side of the connection is closed behind the answer, the other when the
  /// client has read it or the exchange's time is over.
  private func refuseBody(closing channel: any Channel) -> Response {
    var response = Problem(.contentTooLarge, "A request's body may have \(limits.bodyBytes) bytes.").response
    response.headers[.connection] = "close"
    response.body = response.body.followed { channel.close(mode: .output, promise: nil) }
    return response
  }
}

extension ResponseBody {
  /// The same body; `action` runs when it has been written, or cannot be.
  fileprivate func followed(by action: @escaping @Sendable () -> Void) -> ResponseBody {
    ResponseBody(contentLength: contentLength) { writer in
      defer { action() }
      try await self.write(writer)
    }
  }
}
