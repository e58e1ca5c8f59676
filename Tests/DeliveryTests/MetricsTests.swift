import GatewayCore
import Testing

@Suite("The metrics of a subscriber")
struct MetricsTests {
  @Test("are there with zeros from the start")
  func zeros() async throws {
    try await DeliveryFixture.test { fixture in
      try await fixture.apply([.sample("a")])
      for outcome in AttemptOutcome.allCases {
        let series = #"switchyard_delivery_attempts_total{subscriber="a",outcome="\#(outcome.rawValue)"}"#
        #expect(fixture.metrics[series] == 0)
      }
      for result in ["delivered", "dead", "expired"] {
        #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="\#(result)"}"#] == 0)
      }
      #expect(fixture.metrics.count(of: #"switchyard_delivery_attempt_duration_seconds{subscriber="a"}"#) == 0)
      #expect(fixture.metrics.count(of: #"switchyard_delivery_lag_seconds{subscriber="a"}"#) == 0)
    }
  }

  @Test("count attempts by outcome and deliveries by result, and go with the subscriber")
  func counting() async throws {
    try await DeliveryFixture.test { fixture in
      fixture.transport.answer { attempt in
        switch (attempt.event.suffix(2), attempt.number) {
        case ("-0", 1): .refused
        case ("-1", _): .status(400)
        case ("-2", 1): .status(500)
        default: .success
        }
      }
      try await fixture.apply([.sample("a")])
      try await fixture.accept(.blocklist(pairs: 5))
      try await fixture.settled("a")
      func attempts(_ outcome: AttemptOutcome) -> Int64? {
        fixture.metrics[#"switchyard_delivery_attempts_total{subscriber="a",outcome="\#(outcome.rawValue)"}"#]
      }
      #expect(attempts(.success) == 4)
      #expect(attempts(.connect) == 1)
      #expect(attempts(.http4xx) == 1)
      #expect(attempts(.http5xx) == 1)
      #expect(attempts(.timeout) == 0)
      #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="delivered"}"#] == 4)
      #expect(fixture.metrics[#"switchyard_deliveries_total{subscriber="a",result="dead"}"#] == 1)
      #expect(fixture.metrics.count(of: #"switchyard_delivery_attempt_duration_seconds{subscriber="a"}"#) == 7)
      #expect(fixture.metrics.count(of: #"switchyard_delivery_lag_seconds{subscriber="a"}"#) == 4)
      try await fixture.apply([])
      #expect(fixture.metrics.series(of: "a").isEmpty)
    }
  }
}
