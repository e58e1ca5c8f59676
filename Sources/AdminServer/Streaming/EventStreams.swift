import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// Answers with streams of server-sent events, so many at a time.
///
/// A stream is an answer without an end: the time of an exchange holds for each write of it instead of for the whole.
/// It ends when its producer returns, when the listener hangs up or takes nothing for that time, when what let the
/// listener in no longer would (looked up at each beat), and at once when the door is told to stop.
///
/// ```swift
/// router.add("/v1/tail", .get) { _, context in
///   try streams.answer(context) { stream in
///     for await attempt in attempts { stream.send(ServerSentEvent("attempt", data: attempt.json)) }
///   }
/// }
/// ```
final class EventStreams: Sendable {
  /// Puts events into the stream until there are no more; its task is cancelled when the stream ends before that.
  typealias Producer = @Sendable (EventStream) async -> Void

  /// After a stop, how long the last write may take.
  private static let farewell: TimeAmount = .seconds(1)

  private let limits: AdminLimits
  private let taken = Atomic<Int>(0)

  init(limits: AdminLimits) { self.limits = limits }

  /// How many listen now.
  var listeners: Int { taken.load(ordering: .relaxed) }

  /// - Throws: A problem when as many listen as may.
  func answer(_ context: AdminRequestContext, _ producer: @escaping Producer) throws(Problem) -> Response {
    guard let seat = Seat(in: self) else {
      var problem = Problem(
        .serviceUnavailable, "\(limits.listeners) listeners are here already, and no more are taken: close one.")
      problem.headers[.retryAfter] = "10"
      throw problem
    }
    var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    // A proxy of nginx's kind would otherwise keep events back until it has some kilobytes.
    if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
    let body = ResponseBody { [limits] writer in
      defer { withExtendedLifetime(seat) {} }
      try await Self.serve(&writer, context, limits, producer)
    }
    return Response(status: .ok, headers: headers, body: body)
  }

  /// Concurrent as the writer is, for which it would else be sent from one isolation to another.
  @concurrent private static func serve(
    _ writer: inout any ResponseBodyWriter, _ context: AdminRequestContext, _ limits: AdminLimits,
    _ producer: @escaping Producer
  ) async throws {
    context.deadline?.cancel()
    let channel = context.channel
    let stream = EventStream(capacity: limits.streamBytes)
    channel.closeFuture.whenComplete { _ in stream.end() }
    try await channel.pipeline.addHandler(HangUpHandler { stream.end() }, position: .first).get()
    // Children of this task: they are cancelled, and waited for, when it leaves here.
    async let _: Void = produce(into: stream, producer)
    async let _: Void = keepAlive(stream, every: limits.beat, while: context.isStillAllowed)
    async let _: Void = endWithDoor(stream, channel)
    while let text = await stream.next() {
      let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limits.exchange)) { channel.close(promise: nil) }
      defer { deadline.cancel() }
      try await writer.write(ByteBuffer(string: text))
    }
    try await writer.finish(nil)
  }

  private static func produce(into stream: EventStream, _ producer: Producer) async {
    await producer(stream)
    stream.end()
  }

  private static func keepAlive(
    _ stream: EventStream, every period: Duration, while isStillAllowed: @Sendable () -> Bool
  ) async {
    while isStillAllowed(), (try? await Task.sleep(for: period)) != nil { stream.beat() }
    stream.end()
  }

  private static func endWithDoor(_ stream: EventStream, _ channel: any Channel) async {
    guard (try? await gracefulShutdown()) != nil else { return }
    stream.end()
    channel.eventLoop.scheduleTask(in: farewell) { channel.close(promise: nil) }
  }

  /// A listener's place among those that may listen; given back when the answer is gone, whether it was written or not.
  private final class Seat: Sendable {
    private let streams: EventStreams

    init?(in streams: EventStreams) {
      self.streams = streams
      let before = streams.taken.wrappingAdd(1, ordering: .relaxed).oldValue
      // An initializer that fails here runs `deinit` all the same, which gives the place back.
      guard before < streams.limits.listeners else { return nil }
    }

    deinit { streams.taken.wrappingSubtract(1, ordering: .relaxed) }
  }
}

/// Notices that the other side has closed its end: nothing would be read from it while a stream is written.
private final class HangUpHandler: ChannelInboundHandler, Sendable {
  typealias InboundIn = Any

  private let onHangUp: @Sendable () -> Void

  init(onHangUp: @escaping @Sendable () -> Void) { self.onHangUp = onHangUp }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { onHangUp() }
    context.fireUserInboundEventTriggered(event)
  }
}
