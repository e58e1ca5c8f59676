import Foundation
import GatewayCore
import OpenSSLSigner
import Testing

@Suite("Deliveries in batches")
struct BatchTests {
  private func subscriber(_ maxEvents: Int = 10, retry: RetryPolicy = .quick) -> Subscriber {
    Subscriber.sample("a", retry: retry).with(\.format, .batch)
      .with(\.batch, BatchPolicy(maxEvents: maxEvents, maxWait: .milliseconds(200)))
  }

  /// The ids of the events in a request's body, in order.
  private func members(_ attempt: Attempt) throws -> [String] {
    let events = try JSONSerialization.jsonObject(with: Data(attempt.body)) as? [[String: Any]]
    return try #require(events).compactMap { $0["id"] as? String }
  }

  @Test("carry several events as one array, say so, and have the id that their members make")
  func shape() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([subscriber()])
      let accepted = try await fixture.accept(.blocklist(pairs: 10))
      try await eventually { fixture.transport.attempts(at: "a").count == 1 }
      let attempt = try #require(fixture.transport.attempts(at: "a").first)
      #expect(attempt.body == [UInt8]("[".utf8) + accepted.bodies.joined(separator: ",".utf8) + "]".utf8)
      #expect(attempt["Content-Type"] == "application/cloudevents-batch+json; charset=utf-8")
      let hash = OpenSSLDigest().sha256([Array(accepted.events.joined().utf8)])
      let digits = hash.prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      #expect(attempt.event == "batch-" + digits)
      #expect(attempt.number == 1)
      try await fixture.settled("a")
      #expect(try await fixture.status("a").delivered == 10)
    }
  }

  @Test("go out when they are full, and otherwise when their first event has waited long enough")
  func waiting() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([subscriber()])
      let accepted = try await fixture.accept(.blocklist(pairs: 25))
      try await eventually { fixture.transport.attempts(at: "a").count == 2 }
      fixture.clock.advance(by: .milliseconds(100))
      try await eventually { try await fixture.status("a").backlogEvents == 5 }
      #expect(fixture.transport.attempts(at: "a").count == 2)
      fixture.clock.advance(by: .milliseconds(101))
      try await eventually { fixture.transport.attempts(at: "a").count == 3 }
      let sent = try fixture.transport.attempts(at: "a").map(members)
      #expect(sent.map(\.count) == [10, 10, 5])
      #expect(sent.flatMap(\.self) == accepted.events)
    }
  }

  @Test("that fail come again with the same members and the same id, also after a restart")
  func retries() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { _ in .status(500) }
      try await fixture.apply([subscriber(retry: .slow)])
      let accepted = try await fixture.accept(.blocklist(pairs: 30))
      try await eventually { try await fixture.retrying("a").count == 3 }
      #expect(try await fixture.status("a").backlogEvents == 30)
      try await fixture.restart([subscriber(4, retry: .slow)])
      try await eventually { try await fixture.status("a").backlogEvents == 30 }
      fixture.transport.answer { _ in .success }
      fixture.clock.advance(by: .seconds(101))
      try await eventually { fixture.transport.delivered(to: "a").count == 3 }
      try await fixture.settled("a")
      let attempts = fixture.transport.attempts(at: "a")
      #expect(Set(attempts.prefix(3).map(\.event)) == Set(attempts.suffix(3).map(\.event)))
      #expect(attempts.map(\.number) == [1, 1, 1, 2, 2, 2])
      #expect(try Set(attempts.suffix(3).flatMap(members)) == Set(accepted.events))
    }
  }

  @Test("that are too large are halved until they fit; an event that does not fit by itself is dead")
  func tooLarge() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([subscriber(64)])
      let accepted = try await fixture.accept(.blocklist(pairs: 64))
      let huge = accepted.events[5]
      fixture.transport.answer { attempt in
        let text = String(decoding: attempt.body, as: UTF8.self)
        let count = text.split(separator: #""specversion""#).count - 1
        return count > 10 || text.contains(#""id":"\#(huge)""#) ? .status(413) : .success
      }
      try await fixture.apply([subscriber(64)])
      let more = try await fixture.accept(.blocklist(pairs: 64))
      fixture.clock.advance(by: .milliseconds(201))
      try await fixture.settled("a")
      let dead = try await fixture.ended("a").map(\.first)
      #expect(dead == [] || dead == [accepted.first + 5])
      let arrived = try fixture.transport.attempts(at: "a").flatMap(members)
      #expect(Set(arrived) == Set(accepted.events + more.events))
      let status = try await fixture.status("a")
      #expect(status.delivered + status.dead == 128)
    }
  }

  @Test("go one at a time where they are asked for in order, and keep the order of each key")
  func ordered() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer {
        $0.number == 1 && $0.event.utf8.last.map { $0 % 3 == 0 } == true ? .status(500) : .success
      }
      try await fixture.apply([subscriber(7).with(\.ordering, .key)])
      let accepted = try await fixture.accept(60, .blocklist(pairs: 4))
      try await eventually("all is delivered") {
        fixture.clock.advance(by: .milliseconds(50))
        let lane = try await fixture.lane("a")
        guard lane.cursor == fixture.journal.head.next else { return false }
        return try await fixture.journal.keyedExceptions(of: lane.id).isEmpty
      }
      #expect(fixture.transport.peak(at: "a") == 1)
      var arrived: [String] = []
      for attempt in fixture.transport.attempts(at: "a") {
        for member in try members(attempt) where !arrived.contains(member) { arrived.append(member) }
      }
      for index in 0..<4 {
        let key = accepted.map { $0.events[index] }
        #expect(arrived.filter(Set(key).contains) == key)
      }
      #expect(arrived.count == 240)
    }
  }
}
