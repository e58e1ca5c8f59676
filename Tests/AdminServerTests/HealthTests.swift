import Testing

@testable import AdminServer

@Suite("Health")
struct HealthTests {
  @Test("/livez is well whatever state the gateway is in")
  func live() async throws {
    try await Door.open(control: FakeControl(notReady: "stopping")) { door in
      let response = try await door.send("GET", "/livez")
      #expect(response.status == 200)
      #expect(response.headers["content-type"] == "application/json")
      #expect(response.body == #"{"status":"ok"}"#)
    }
  }

  @Test("/readyz is well when nothing stands in the way")
  func ready() async throws {
    try await Door.open { door in
      let response = try await door.send("GET", "/readyz")
      #expect(response.status == 200)
      #expect(response.body == #"{"status":"ok"}"#)
    }
  }

  @Test("/readyz says what stands in the way")
  func notReady() async throws {
    try await Door.open(control: FakeControl(notReady: "The journal is not writable.")) { door in
      let response = try await door.send("GET", "/readyz")
      #expect(response.status == 503)
      #expect(response.headers["content-type"] == "application/problem+json")
      #expect(
        response.body
          == #"{"detail":"The journal is not writable.","status":503,"title":"Service Unavailable","#
          + #""type":"about:blank"}"#)
    }
  }
}
