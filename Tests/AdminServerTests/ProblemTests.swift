import GatewayCore
import Testing

@testable import AdminServer

@Suite("A problem document")
struct ProblemTests {
  private static let header = ["X-Switchyard-Admin": "1"]

  @Test("for a path that is nowhere")
  func notFound() async throws {
    try await Door.open { door in
      let response = try await door.send("GET", "/v1/nothing")
      #expect(response.status == 404)
      #expect(response.headers["content-type"] == "application/problem+json")
      #expect(
        response.body
          == #"{"detail":"There is nothing at this path.","status":404,"title":"Not Found","type":"about:blank"}"#)
    }
  }

  @Test(
    "for a method that the path does not take, with those it does",
    arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "SUBSCRIBE", "QUERY"])
  func methodNotAllowed(method: String) async throws {
    try await Door.open { door in
      let response = try await door.send(method, "/v1/stats", Self.header)
      #expect(response.status == 405)
      #expect(response.headers["allow"] == "GET, HEAD")
      #expect(
        response.body
          == #"{"detail":"This path takes GET, HEAD.","status":405,"title":"Method Not Allowed","type":"about:blank"}"#)
    }
  }

  @Test("for a method that nobody has heard of, at every path that is there", arguments: ["PROPFIND", "LOCK"])
  func unknownMethod(method: String) async throws {
    try await Door.open { door in
      for (path, allowed) in [
        ("/metrics", "GET, HEAD"), ("/livez", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/v1/subscribers", "GET, HEAD"),
        ("/v1/subscribers/moderation", "DELETE, GET, HEAD"), ("/v1/reload", "POST"),
      ] {
        let response = try await door.send(method, path, Self.header, body: "{}")
        #expect(response.status == 405, "\(path)")
        #expect(response.headers["allow"] == allowed)
        #expect(response.headers["content-type"] == "application/problem+json")
      }
      #expect(try await door.send(method, "/v1/nothing", Self.header).status == 404)
      // It may change something, for all that is known of it.
      #expect(try await door.send(method, "/v1/stats").status == 403)
    }
  }

  @Test("for a GET of what is only posted")
  func onlyPosted() async throws {
    try await Door.open { door in
      let response = try await door.send("GET", "/v1/reload")
      #expect(response.status == 405)
      #expect(response.headers["allow"] == "POST")
    }
  }

  @Test("for a door beyond loopback without a token, saying what to set")
  func beyondLoopback() async throws {
    try await Door.open(host: "0.0.0.0") { door in
      let response = try await door.send("GET", "/v1/stats")
      #expect(
        response.body
          == #"{"detail":"This door listens beyond loopback and has no token: set SWITCHYARD_ADMIN_TOKEN or "#
          + #"SWITCHYARD_ADMIN_TOKEN_FILE, or listen on 127.0.0.1.","status":403,"title":"Forbidden","#
          + #""type":"about:blank"}"#)
    }
  }

  @Test("for a missing token")
  func unauthorized() async throws {
    try await Door.open(tokens: AdminTokenSources(admin: .value(Secret("a")))) { door in
      let response = try await door.send("GET", "/v1/stats")
      #expect(response.headers["www-authenticate"] == "Bearer")
      #expect(
        response.body
          == #"{"detail":"This door needs a token: send it as Authorization: Bearer.","status":401,"#
          + #""title":"Unauthorized","type":"about:blank"}"#)
    }
  }

  @Test("for a subscriber that is not in the routes file")
  func unknownSubscriber() async throws {
    try await Door.open(control: FakeControl(status: .success(Samples.status))) { door in
      let response = try await door.send("GET", "/v1/subscribers/nobody")
      #expect(
        response.body
          == #"{"detail":"No subscriber is named nobody; GET /v1/subscribers lists them.","status":404,"#
          + #""title":"Not Found","type":"about:blank"}"#)
    }
  }

  @Test("for a subscriber whose name is written with escapes, read as what they stand for")
  func escapedName() async throws {
    try await Door.open(control: FakeControl(status: .success(Samples.status))) { door in
      let known = try await door.send("GET", "/v1/subscribers/moder%61tion")
      #expect(known.status == 200)
      #expect(known.body.contains(#""name":"moderation""#))
      let unknown = try await door.send("GET", "/v1/subscribers/no%20body")
      #expect(unknown.status == 404)
      #expect(unknown.body.contains("No subscriber is named no body;"))
      #expect(try await door.send("GET", "/v1/subscribers/no%zz").body.contains("No subscriber is named no%zz;"))
    }
  }

  @Test("for a journal that cannot be read")
  func journal() async throws {
    try await Door.open(control: FakeControl(status: .failure(.unavailable("the disk is gone")))) { door in
      for path in ["/v1/stats", "/v1/subscribers", "/v1/subscribers/moderation"] {
        let response = try await door.send("GET", path)
        #expect(response.status == 503)
        #expect(
          response.body
            == #"{"detail":"The journal cannot do this now: the disk is gone.","status":503,"#
            + #""title":"Service Unavailable","type":"about:blank"}"#)
      }
    }
  }

  @Test("for a bad routes file, with every problem")
  func badRoutes() async throws {
    let control = FakeControl(
      reload: .failure(RoutesRejected(problems: [Samples.problem, Samples.problem, Samples.fileProblem])))
    try await Door.open(control: control) { door in
      let response = try await door.send("POST", "/v1/reload", Self.header)
      #expect(response.status == 422)
      #expect(response.headers["content-type"] == "application/problem+json")
      let problem =
        #"{"column":5,"file":"routes.yaml","line":12,"message":"unknown key \"evnts\"; did you mean \"events\"?","#
        + #""severity":"error"}"#
      #expect(
        response.body
          == #"{"detail":"The routes file has 2 errors; nothing was changed.","problems":[\#(problem),\#(problem),"#
          + #"{"file":"routes.yaml","message":"No subscriber is configured.","severity":"warning"}],"status":422,"#
          + #""title":"Unprocessable Content","type":"about:blank"}"#)
    }
  }

  @Test("has no body when only the head is asked for")
  func head() async throws {
    try await Door.open { door in
      let response = try await door.send("HEAD", "/v1/nothing")
      #expect(response.status == 404)
      #expect(response.body == "")
    }
  }

  @Test("an error that nobody foresaw has no document of its own")
  func unforeseen() {
    struct Surprise: Error {}
    #expect(Problem(Surprise()) == nil)
  }
}
