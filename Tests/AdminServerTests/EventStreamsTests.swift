import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import AdminServer

@Suite("Streams of server-sent events")
struct EventStreamsTests {
  /// A server with one stream at `/stream`, behind the bounds of the door.
  private struct StreamDoor: Sendable {
    let port: Int
    let streams: EventStreams
    let group: ServiceGroup

    func connect() throws -> RawConnection {
      let connection = try RawConnection()
      try connection.connect(to: port)
      try connection.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
      return connection
    }

    static func open(
      limits: AdminLimits, isAllowed: @escaping @Sendable () -> Bool = { true },
      producer: @escaping EventStreams.Producer,
      _ body: @Sendable (StreamDoor) async throws -> Void
    ) async throws {
      let log = RecordedLog()
      let streams = EventStreams(limits: limits)
      let router = AdminRouter()
      router.add(RequestBoundsMiddleware(limits: limits))
      router.add(ProblemMiddleware(logger: log.logger))
      router.add("/stream", .get) { _, context in
        var context = context
        context.isStillAllowed = isAllowed
        return try streams.answer(context, producer)
      }
      let (ports, opened) = AsyncStream.makeStream(of: Int.self)
      let application = Application(
        responder: router.responder(),
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { opened.yield($0.localAddress?.port ?? 0) }, logger: log.logger)
      let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [application], logger: log.logger))
      async let finished: Void = group.run()
      let port = try #require(await ports.first { _ in true })
      try await body(StreamDoor(port: port, streams: streams, group: group))
      await group.triggerGracefulShutdown()
      try await finished
    }
  }

  private static func limits(_ change: (inout AdminLimits) -> Void = { _ in }) -> AdminLimits {
    var limits = AdminLimits()
    change(&limits)
    return limits
  }

  /// Waits until cancelled, and says so.
  private static func hold(_ told: AsyncStream<Void>.Continuation) async {
    try? await Task.sleep(for: .seconds(3600))
    told.yield()
  }

  @Test("carry events as they come, and end when there are no more")
  func events() async throws {
    try await StreamDoor.open(limits: Self.limits()) { stream in
      stream.send(ServerSentEvent("greeting", data: "hello\nworld"))
    } _: { door in
      let connection = try door.connect()
      defer { connection.close() }
      let text = try await connection.receive { $0.hasSuffix("0\r\n\r\n") }
      let response = try #require(RawResponse(text))
      #expect(response.status == 200)
      #expect(response.headers["content-type"] == "text/event-stream")
      #expect(response.headers["cache-control"] == "no-store")
      #expect(response.body.contains("event: greeting\ndata: hello\ndata: world\n\n"))
    }
  }

  @Test("outlast the time of an exchange, and show that they go on")
  func beats() async throws {
    let limits = Self.limits {
      $0.exchange = .milliseconds(200)
      $0.beat = .milliseconds(100)
    }
    try await StreamDoor.open(limits: limits) { _ in
      try? await Task.sleep(for: .seconds(3600))
    } _: { door in
      let connection = try door.connect()
      defer { connection.close() }
      // Six beats take three exchanges.
      let text = try await connection.receive { $0.components(separatedBy: ":\n\n").count > 6 }
      #expect(text.components(separatedBy: ":\n\n").count > 6)
    }
  }

  @Test("end at once when the door is told to stop, with a proper end")
  func stop() async throws {
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    try await StreamDoor.open(limits: Self.limits()) { stream in
      stream.send(ServerSentEvent("first", data: ""))
      await Self.hold(ended)
    } _: { door in
      let connection = try door.connect()
      defer { connection.close() }
      _ = try await connection.receive { $0.contains("event: first") }
      let start = ContinuousClock.now
      await door.group.triggerGracefulShutdown()
      #expect(try await connection.receive().hasSuffix("0\r\n\r\n"))
      _ = await ends.first { _ in true }
      #expect(ContinuousClock.now - start < .seconds(3))
    }
  }

  @Test("end when the listener hangs up, without a further event")
  func hangUp() async throws {
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    try await StreamDoor.open(limits: Self.limits()) { stream in
      stream.send(ServerSentEvent("first", data: ""))
      await Self.hold(ended)
    } _: { door in
      let connection = try door.connect()
      _ = try await connection.receive { $0.contains("event: first") }
      connection.close()
      _ = await ends.first { _ in true }
    }
  }

  @Test("end when what let the listener in no longer would")
  func revoked() async throws {
    let isAllowed = Mutex(true)
    let limits = Self.limits { $0.beat = .milliseconds(50) }
    try await StreamDoor.open(limits: limits, isAllowed: { isAllowed.withLock { $0 } }) { stream in
      stream.send(ServerSentEvent("first", data: ""))
      try? await Task.sleep(for: .seconds(3600))
    } _: { door in
      let connection = try door.connect()
      defer { connection.close() }
      _ = try await connection.receive { $0.contains("event: first") }
      isAllowed.withLock { $0 = false }
      #expect(try await connection.receive { $0.hasSuffix("0\r\n\r\n") }.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("are so many and no more, and a place that is left is free again")
  func seats() async throws {
    let limits = Self.limits { $0.listeners = 2 }
    try await StreamDoor.open(limits: limits) { stream in
      stream.send(ServerSentEvent("first", data: ""))
      try? await Task.sleep(for: .seconds(3600))
    } _: { door in
      let seated = [try door.connect(), try door.connect()]
      for connection in seated { _ = try await connection.receive { $0.contains("event: first") } }
      #expect(door.streams.listeners == 2)
      let refused = try door.connect()
      let text = try await refused.receive { $0.hasSuffix("}") }
      refused.close()
      #expect(RawResponse(text)?.status == 503)
      #expect(RawResponse(text)?.headers["retry-after"] == "10")
      #expect(door.streams.listeners == 2)
      for connection in seated { connection.close() }
      while door.streams.listeners > 0 { await Task.yield() }
      let next = try door.connect()
      defer { next.close() }
      #expect(RawResponse(try await next.receive { $0.contains("event: first") })?.status == 200)
    }
  }

  @Test("cut off a listener that takes nothing")
  func stuckListener() async throws {
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    let limits = Self.limits { $0.exchange = .milliseconds(300) }
    let event = ServerSentEvent("large", data: String(repeating: "x", count: 500_000))
    try await StreamDoor.open(limits: limits) { stream in
      while !stream.hasEnded {
        if !stream.send(event) { await Task.yield() }
      }
      ended.yield()
    } _: { door in
      let connection = try door.connect()
      defer { connection.close() }
      _ = await ends.first { _ in true }
    }
  }

  @Test("answer HEAD without taking a place")
  func head() async throws {
    try await StreamDoor.open(limits: Self.limits()) { _ in
      Issue.record("nobody listens")
    } _: { door in
      let connection = try RawConnection()
      defer { connection.close() }
      try connection.connect(to: door.port)
      try connection.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      #expect(RawResponse(try await connection.receive())?.status == 200)
      #expect(door.streams.listeners == 0)
    }
  }
}
