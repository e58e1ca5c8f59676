import CurlTransport
import Foundation
import GatewayCore
import Synchronization
import Testing

/// Names whose addresses change while connections are kept, and names that go and come back; nothing is restarted.
@Suite struct MovingNameTests {
  private static let url = "moving.test"

  @Test("when the old address stops working the next attempt goes to the new one")
  func oldAddressStops() async throws {
    try await withTwoServers { old, new, name in
      await withTransport(resolver: name.resolver) { transport in
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
        name.move(to: "127.0.0.2")
        // The connection is kept, and good for as long as it works.
        #expect(await transport.post(old.url("/close", host: Self.url)).outcome == .success)
        #expect(old.connections == 1)
        await old.stop()
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
      }
      #expect(old.requests.count == 2)
      #expect(new.requests.count == 1)
    }
  }

  @Test("when the old address falls silent the attempt is a timeout, and the next goes to the new one")
  func oldAddressFallsSilent() async throws {
    try await withTwoServers { old, new, name in
      await withTransport(resolver: name.resolver) { transport in
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
        name.move(to: "127.0.0.2")
        let silent = await transport.post(old.url("/silence", host: Self.url), timeout: .milliseconds(300))
        #expect(silent.outcome == .timeout)
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
      }
      #expect(old.connections == 1)
      #expect(new.requests.count == 1)
    }
  }

  @Test("a connection to the old address that goes on working is left when it reaches its age")
  func connectionAge() async throws {
    try await withTwoServers { old, new, name in
      await withTransport(resolver: name.resolver, connectionLifetime: .seconds(1)) { transport in
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
        name.move(to: "127.0.0.2")
        let hang = ContinuousClock.now + .seconds(60)
        while new.connections == 0, .now < hang {
          #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
        }
      }
      #expect(old.connections == 1)
      #expect(new.connections == 1)
    }
  }

  @Test("a name that stops resolving is a dns failure, and works again when it comes back")
  func goesAndComesBack() async throws {
    try await withTwoServers { old, new, name in
      await withTransport(resolver: name.resolver) { transport in
        #expect(await transport.post(old.url("/close", host: Self.url)).outcome == .success)
        name.move(to: nil)
        for _ in 0..<3 {
          let gone = await transport.post(old.url(host: Self.url))
          #expect(gone.outcome == .dns)
          #expect(gone.error == "the name moving.test could not be resolved: it is gone")
        }
        name.move(to: "127.0.0.2")
        #expect(await transport.post(old.url(host: Self.url)).outcome == .success)
      }
      #expect(old.requests.count == 1)
      #expect(new.requests.count == 1)
    }
  }

  @Test("while nobody says where a name is now, requests go to where it was")
  func nobodyAnswers() async throws {
    try await withTwoServers { old, _, name in
      await withTransport(resolver: name.resolver) { transport in
        #expect(await transport.post(old.url("/close", host: Self.url)).outcome == .success)
        name.becomeUnknown()
        #expect(await transport.post(old.url("/close", host: Self.url)).outcome == .success)
        name.hang()
        #expect(await transport.post(old.url("/close", host: Self.url)).outcome == .success)
        #expect(await transport.post(old.url("/close", host: "other.test"), timeout: .seconds(1)).outcome == .dns)
        name.move(to: "127.0.0.1")
      }
      #expect(old.requests.count == 3)
    }
  }

  /// Two servers on one port of two addresses; the name is at the first.
  private func withTwoServers(
    _ body: (_ old: LoopbackServer, _ new: LoopbackServer, _ name: MovingName) async throws -> Void
  ) async throws {
    let old = try await LoopbackServer(host: "127.0.0.1", answer: Self.answer)
    let new = try await LoopbackServer(host: "127.0.0.2", port: old.port, answer: Self.answer)
    try await body(old, new, MovingName(at: "127.0.0.1"))
    await old.stop()
    await new.stop()
  }

  private static let answer: LoopbackServer.Answer = { request in
    switch request.path {
    case "/close": [.answer("200 OK"), .close]
    case "/silence": []
    default: [.answer("200 OK")]
    }
  }
}

/// A name that is looked up anew for each request, and is where a test says.
private final class MovingName: Sendable {
  private enum Place {
    case at(IPAddress)
    case nowhere
    /// Nobody can be asked.
    case unknown
    /// Nobody answers.
    case silence
  }

  private let place: Mutex<Place>

  init(at address: String) {
    place = Mutex(.nowhere)
    move(to: address)
  }

  func move(to address: String?) {
    place.withLock { $0 = address.flatMap { IPAddress($0) }.map(Place.at) ?? .nowhere }
  }

  func becomeUnknown() { place.withLock { $0 = .unknown } }

  /// Until it is somewhere again.
  func hang() { place.withLock { $0 = .silence } }

  var resolver: Resolver {
    Resolver(addressesLifetime: .zero, failureLifetime: .zero) { [self] (_) throws(LookupFailure) in
      while true {
        switch place.withLock({ $0 }) {
        case .at(let address): return [address]
        case .nowhere: throw LookupFailure(reason: "it is gone")
        case .unknown: throw LookupFailure(reason: "nobody knows", isTemporary: true)
        case .silence: Thread.sleep(forTimeInterval: 0.01)
        }
      }
    }
  }
}
