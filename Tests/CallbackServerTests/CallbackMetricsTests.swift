import CallbackServer
import GatewayCore
import OrderedCollections
import TencentChat
import Testing

@Suite("The callback door's metrics")
struct CallbackMetricsTests {
  @Test("Every series of a configured app is there from the start, with zeros")
  func zeros() async throws {
    try await TestDoor.open { door in
      let app = #"app="1400000000""#
      var expected: Set = [
        "switchyard_callbacks_accepted_total{\(app)}", "switchyard_callbacks_duplicate_total{\(app)}",
      ]
      for reason in RejectionReason.allCases {
        expected.insert("switchyard_callbacks_rejected_total{\(app),reason=\"\(reason.rawValue)\"}")
      }
      for reason in UnsplitReason.allCases {
        expected.insert("switchyard_callbacks_unsplit_total{\(app),reason=\"\(reason.rawValue)\"}")
      }
      for type in EventCatalogue.entries.map(\.type.full) + ["com.tencent.chat.callback"] {
        expected.insert("switchyard_events_accepted_total{\(app),type=\"\(type)\"}")
      }
      for reason in ["method", "too_large", "too_slow", "unknown_app", "overloaded", "malformed"] {
        expected.insert("switchyard_callbacks_rejected_total{app=\"unknown\",reason=\"\(reason)\"}")
      }
      for row in EventCatalogue.entries where row.timing == .before {
        expected.insert("switchyard_decisions_unjournaled_total{command=\"\(row.command)\"}")
      }
      #expect(door.metrics.series == expected)
      #expect(expected.allSatisfy { door.metrics[$0] == 0 })
      #expect(door.metrics.count(of: "switchyard_ack_duration_seconds") == 0)
    }
  }

  @Test("An app that is removed takes its series along; one that stays keeps its counts")
  func removal() async throws {
    let other = AppConfiguration(id: AppID(rawValue: 1_400_000_002))
    try await TestDoor.open(apps: [TestDoor.unsigned, other]) { door async throws in
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
      door.server.update(apps: [TestDoor.app: TestDoor.signed])
      #expect(!door.metrics.series.contains { $0.contains("1400000002") })
      #expect(door.metrics[#"switchyard_callbacks_accepted_total{app="1400000000"}"#] == 1)
      #expect(try await door.answer(to: TestRequest.post()).status == 401)
      #expect(door.rejected(.badSignature) == 1)
    }
  }

  @Test("What was accepted is counted by app and type, and each whole callback's wait recorded")
  func accepted() async throws {
    try await TestDoor.open { door async throws in
      #expect(try await door.answer(to: TestRequest.post()).status == 200)
      #expect(try await door.answer(to: TestRequest.post(body: "[")).status == 400)
      #expect(try await door.answer(to: TestRequest.post(query: "SdkAppid=7")).status == 403)
      let type = #"type="com.tencent.chat.blocklist.added""#
      #expect(door.metrics["switchyard_events_accepted_total{app=\"1400000000\",\(type)}"] == 3)
      #expect(door.metrics.count(of: "switchyard_ack_duration_seconds") == 2)
    }
  }
}
