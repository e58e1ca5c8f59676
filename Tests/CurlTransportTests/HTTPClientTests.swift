import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import CurlTransport

@Suite("The client of commands")
struct HTTPClientTests {
  private static let client = HTTPClient(userAgent: "test/1", environment: [:])

  private func answer(
    _ steps: [LoopbackServer.Step], _ change: (inout ClientRequest) -> Void = { _ in }
  ) async throws -> (Result<ClientAnswer, ClientFailure>, LoopbackServer) {
    let server = try await LoopbackServer { _ in steps }
    var request = ClientRequest(.get, url: "http://127.0.0.1:\(server.port)/v1/a?b=c")
    change(&request)
    do throws(ClientFailure) {
      return (.success(try await Self.client.answer(to: request)), server)
    } catch {
      return (.failure(error), server)
    }
  }

  @Test("asks as it is told, and takes any status")
  func asks() async throws {
    let (result, server) = try await answer([
      .write("HTTP/1.1 103 Early Hints\r\nContent-Type: a/b\r\n\r\n"),
      .answer("404 Not Found", body: "{}", headers: "content-TYPE:  Application/Problem+JSON; charset=utf-8\r\n"),
    ]) { request in
      request.method = .delete
      request.headers = [("Authorization", "Bearer x")]
    }
    #expect(
      try result.get().head == ClientAnswer.Head(status: 404, contentType: "application/problem+json"))
    #expect(try result.get().body == Array("{}".utf8))
    let request = try #require(server.requests.first)
    #expect(request.head.hasPrefix("DELETE /v1/a?b=c HTTP/1.1\r\n"))
    #expect(request.header("authorization") == "Bearer x" && request.header("user-agent") == "test/1")
  }

  @Test("posts, also nothing")
  func posts() async throws {
    for body in ["{\"a\":1}", ""] {
      let (result, server) = try await answer([.answer("204 No Content")]) { request in
        request.method = .post
        request.body = Array(body.utf8)
      }
      #expect(try result.get().head.status == 204)
      let request = try #require(server.requests.first)
      #expect(request.head.hasPrefix("POST ") && request.body == Array(body.utf8))
      #expect(request.header("content-length") == "\(body.utf8.count)")
    }
  }

  @Test("follows no redirect")
  func redirect() async throws {
    let (result, server) = try await answer([.answer("302 Found", headers: "Location: /elsewhere\r\n")])
    #expect(try result.get().head.status == 302)
    #expect(server.requests.count == 1)
  }

  @Test("tells the ways apart in which there is no answer")
  func failures() async throws {
    #expect(try await answer([.close]).0.failure == .broken("the connection was closed before an answer came"))
    let cut = try await answer([.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), .close]).0.failure
    guard case .broken = cut else { return #expect(Bool(false), "\(String(describing: cut))") }
    #expect(try await answer([.stopReading]) { $0.timeout = .milliseconds(300) }.0.failure == .timeout)
    #expect(
      try await answer([]) { $0.headers = [("a", "b\r\nc: d")] }.0.failure == .unusable("a header holds a line break"))
    let gone = try await answer([]) { $0.url = "http://127.0.0.1:1/" }.0.failure
    #expect(gone == .unreachable("Connection refused"))
    let nobody = try await answer([]) { $0.url = "http://nobody.invalid/" }.0.failure
    guard case .unreachable = nobody else { return #expect(Bool(false), "\(String(describing: nobody))") }
  }

  @Test("takes no answer beyond its limit")
  func tooLong() async throws {
    let piece = String(repeating: "x", count: 1 << 20)
    let steps = [LoopbackServer.Step.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")]
    let pieces = Array(repeating: LoopbackServer.Step.write(piece), count: 65)
    #expect(try await answer(steps + pieces).0.failure == .tooLong(64 << 20))
  }

  @Test("hands a stream over as it comes, until its receiver has enough")
  func stream() async throws {
    let server = try await LoopbackServer { _ in
      [.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\none"), .writeForEver("more")]
    }
    let seen = Mutex("")
    let request = ClientRequest(.get, url: "http://127.0.0.1:\(server.port)/", timeout: nil)
    let head = try await Self.client.stream(request) { head, piece in
      seen.withLock { seen in
        seen += String(decoding: piece, as: UTF8.self)
        return head.contentType == "text/event-stream" && seen.utf8.count < 1000
      }
    }
    #expect(head.status == 200)
    #expect(seen.withLock { $0.hasPrefix("onemore") })
  }

  @Test("lets a stream be silent only so long")
  func silence() async throws {
    let server = try await LoopbackServer { _ in [.write("HTTP/1.1 200 OK\r\n\r\none")] }
    let request = ClientRequest(.get, url: "http://127.0.0.1:\(server.port)/", timeout: nil, silence: .seconds(1))
    let error = await #expect(throws: ClientFailure.self) { try await Self.client.stream(request) { _, _ in true } }
    #expect(error == .timeout)
  }

  @Test("stops when its task is cancelled")
  func cancellation() async throws {
    let server = try await LoopbackServer { _ in [.write("HTTP/1.1 200 OK\r\n\r\none")] }
    let request = ClientRequest(.get, url: "http://127.0.0.1:\(server.port)/", timeout: nil)
    let (pieces, piece) = AsyncStream<Void>.makeStream()
    let task = Task {
      try await Self.client.stream(request) { _, _ in
        piece.yield()
        return true
      }
    }
    for await _ in pieces { break }
    task.cancel()
    await #expect(throws: ClientFailure.cancelled) { try await task.value }
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
