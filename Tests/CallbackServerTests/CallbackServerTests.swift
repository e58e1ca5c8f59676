import CallbackServer
import GatewayCore
import Logging
import OpenSSLSigner
import OrderedCollections
import Testing

@Suite("The callback server's life")
struct CallbackServerTests {
  private func server(host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil) -> CallbackServer {
    let server = CallbackServer(
      configuration: CallbackServerConfiguration(host: host, port: port, paths: ["/"], tls: tls, threads: 1),
      journal: FakeJournal(), mark: FakeJournal.mark, digest: OpenSSLDigest(), transport: ScriptedTransport(),
      signers: OpenSSLSignerFactory(), logger: RecordingLog().logger, metrics: RecordingMetrics())
    server.update(apps: [TestDoor.app: TestDoor.unsigned])
    return server
  }

  @Test("Listens on addresses and on names", arguments: ["127.0.0.1", "localhost", "::1", "0.0.0.0"])
  func hosts(host: String) async throws {
    let server = server(host: host)
    #expect(try await server.start() > 0)
    await server.stop(within: .zero)
  }

  @Test("A port that is taken is an error that says so")
  func portInUse() async throws {
    let first = server()
    let port = try await first.start()
    let error = await #expect(throws: CallbackServerError.self) { _ = try await server(port: port).start() }
    #expect(
      error?.description
        == "The callback door cannot listen on 127.0.0.1:\(port): address already in use. "
        + "Choose another address with --listen.")
    await first.stop(within: .zero)
  }

  @Test("A host that does not exist is an error that says so")
  func unknownHost() async throws {
    let error = await #expect(throws: CallbackServerError.self) {
      _ = try await server(host: "no-such-host.invalid", port: 8080).start()
    }
    #expect(
      error?.description
        == "The callback door cannot listen on no-such-host.invalid:8080: the host name is not known. "
        + "Choose another address with --listen.")
  }

  @Test("Is started only once")
  func startedTwice() async throws {
    let server = server()
    _ = try await server.start()
    await #expect(throws: CallbackServerError.self) { _ = try await server.start() }
    await server.stop(within: .zero)
  }

  @Test("Once it is to close soon, each answer is its connection's last, and new connections are still taken")
  func closeSoon() async throws {
    try await TestDoor.open { door in
      let before = try await door.connect()
      try await before.send(TestRequest.post())
      #expect(try await before.response().headers["connection"] == nil)
      door.server.closeSoon()
      for connection in [before, try await door.connect()] {
        try await connection.send(TestRequest.post())
        let answer = try await connection.response()
        #expect(answer.status == 200)
        #expect(answer.headers["connection"] == "close")
        #expect(try await connection.rest() == "")
      }
    }
  }

  @Test("A stop lets what is under way finish and closes what is idle")
  func stop() async throws {
    let held = HeldAppends()
    try await TestDoor.open(journal: FakeJournal(answer: held.hold)) { door in
      let idle = try await door.connect()
      try await idle.send(TestRequest.head(method: "GET"))
      #expect(try await idle.response().status == 200)
      let busy = try await door.connect()
      try await busy.send(TestRequest.post())
      #expect(try await eventually { held.count == 1 })

      let server = door.server
      let stopping = Task { await server.stop(within: .seconds(30)) }
      #expect(try await idle.rest() == "")
      held.release()
      let answer = try await busy.response()
      #expect(answer.status == 200)
      #expect(answer.headers["connection"] == "close")
      #expect(try await busy.rest() == "")
      await stopping.value
    }
  }

  @Test("A stop cuts off an answer that the journal holds up, but not the callback")
  func stopWhileAppending() async throws {
    let held = HeldAppends()
    try await TestDoor.open(journal: FakeJournal(answer: held.hold)) { door in
      let connection = try await door.connect()
      try await connection.send(TestRequest.post())
      #expect(try await eventually { held.count == 1 })
      let server = door.server
      let stopping = Task { await server.stop(within: .milliseconds(50)) }
      #expect(try await connection.rest() == "")
      held.release()
      await stopping.value
      #expect(server.counts.accepted == 1)
    }
  }

  @Test("A stop cuts off what does not finish in time")
  func stopLimit() async throws {
    try await TestDoor.open { door in
      let slow = try await door.connect()
      try await slow.send(TestRequest.head(fields: ["Content-Length: 100"]))
      let never = try await door.connect()
      try await never.send("POST / HT")
      try await never.send("TP/1.1\r\n")
      await door.server.stop(within: .milliseconds(100))
      #expect(try await slow.rest() == "")
      #expect((try? await never.rest()) ?? "" == "")
    }
  }

  @Test("A client that never reads its answers is not read from for ever")
  func unreadAnswers() async throws {
    var limits = CallbackServerLimits()
    limits.idleTime = .milliseconds(300)
    try await TestDoor.open(limits: limits) { door in
      let port = door.port
      let flood = Task {
        let connection = try await TestConnection.open(port: port, readsNothing: true)
        let requests = String(repeating: TestRequest.head(method: "GET"), count: 1000)
        var sent = 0
        while sent < 400 {
          try await connection.send(requests)
          sent += 1
        }
        return sent
      }
      await #expect(throws: (any Error).self) { try await flood.value }
    }
  }
}
