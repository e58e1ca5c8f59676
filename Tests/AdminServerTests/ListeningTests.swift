import Foundation
import PrometheusMetrics
import ServiceLifecycle
import Testing

@testable import AdminServer

@Suite("The admin door's socket")
struct ListeningTests {
  @Test("says where it really listens")
  func bound() async throws {
    try await Door.open { door in
      #expect(door.address == "127.0.0.1")
      #expect(door.port > 0)
    }
  }

  @Test("a port that is taken is an error that says so")
  func portInUse() async throws {
    try await Door.open { first in
      await #expect(
        throws: AdminServerError(
          description: "Another process listens on 127.0.0.1:\(first.port): stop it, "
            + "or choose another address with --admin.")
      ) {
        try await Door.open(port: first.port) { _ in }
      }
    }
  }

  @Test("an address of another machine is an error that says so")
  func foreignAddress() async {
    await #expect(
      throws: AdminServerError(
        description: "192.0.2.1 is not an address of this machine: choose another with --admin.")
    ) {
      try await Door.open(host: "192.0.2.1") { _ in }
    }
  }

  @Test("a name that leads nowhere is an error that says so")
  func unknownName() async {
    await #expect(
      throws: AdminServerError(
        description: "no name cannot be resolved to an address: choose another with --admin.")
    ) {
      try await Door.open(host: "no name") { _ in }
    }
  }

  @Test("is closed when a stop is over")
  func stopped() async throws {
    let port = try await Door.open { door in
      let idle = try RawConnection()
      defer { idle.close() }
      try idle.connect(to: door.port)
      return door.port
    }
    let late = try RawConnection()
    defer { late.close() }
    #expect(throws: RawConnection.Failure.self) { try late.connect(to: port) }
  }

  @Test("a stop lets an exchange under way finish")
  func stopFinishesExchange() async throws {
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    let (permits, permit) = AsyncStream.makeStream(of: Void.self)
    let refresh: @Sendable () async -> Void = {
      arrived.yield()
      _ = await permits.first { _ in true }
    }
    try await Door.open(refreshGauges: refresh) { door in
      async let answer = door.send("GET", "/metrics")
      _ = await arrivals.first { _ in true }
      await door.server.stop()
      permit.yield()
      let response = try await answer
      #expect(response.status == 200)
    }
  }

  @Test("is closed when the service group that it runs in shuts down")
  func serviceGroup() async throws {
    let (ports, opened) = AsyncStream.makeStream(of: Int.self)
    let log = RecordedLog()
    let server = AdminServer(
      configuration: AdminServerConfiguration(host: "127.0.0.1", port: 0, tokens: AdminTokenSources()),
      control: FakeControl(), delivery: FakeDelivery(), registry: PrometheusRegistry(),
      readPattern: Door.readPattern, digest: PlainDigest(), logger: log.logger, refreshGauges: {},
      onListening: { _, port in opened.yield(port) })
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [server], logger: log.logger))
    async let finished: Void = group.run()
    let port = try #require(await ports.first { _ in true })
    await group.triggerGracefulShutdown()
    try await finished
    let late = try RawConnection()
    defer { late.close() }
    #expect(throws: RawConnection.Failure.self) { try late.connect(to: port) }
    #expect(log.lines == [])
  }
}
