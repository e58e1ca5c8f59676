import CurlTransport
import GatewayCore
import NIOSSL
import Testing

/// Connections that a receiver closes, holds, or does not speak HTTP on, whatever it would have answered.
@Suite struct BrokenConnectionTests {
  /// More than the sockets of both ends hold.
  private static let longBody = String(repeating: "x", count: 16 << 20)

  @Test("a connection that is closed in the middle of the request's body is a connect failure")
  func closedInRequest() async throws {
    try await withServer(takesBodies: false) { _ in
      [.close]
    } _: { server in
      await withTransport { transport in
        for _ in 0..<3 {
          let result = await transport.post(server.url(), body: Self.longBody)
          #expect(result.outcome == .connect)
          #expect(result.status == nil)
          // What libcurl meets first: that it cannot send, or that there is nothing to receive.
          #expect(result.error?.hasPrefix("the connection broke: ") == true, "\(result.error ?? "")")
        }
      }
    }
  }

  @Test("a receiver that takes no more of the request is a timeout that says so")
  func neverReads() async throws {
    let result = try await withServer(takesBodies: false) { _ in
      [.stopReading]
    } _: { server in
      await withTransport { await $0.post(server.url(), body: Self.longBody, timeout: .milliseconds(500)) }
    }
    #expect(result.outcome == .timeout)
    #expect(result.status == nil)
    #expect(result.error == "the request was not taken within 500ms")
  }

  @Test("a refusal that comes before the body was taken is what its status says")
  func earlyRefusal() async throws {
    let result = try await withServer(takesBodies: false) { _ in
      [.answer("413 Too Large"), .stopReading]
    } _: { server in
      await withTransport { await $0.post(server.url(), body: Self.longBody) }
    }
    #expect(result.outcome == .http4xx)
    #expect(result.status == 413)
  }

  @Test("a receiver that closes every connection after its answer, without a word, gets each request once")
  func closesEveryKeptConnection() async throws {
    try await withServer { _ in
      [.answer("200 OK"), .close]
    } _: { server in
      await withTransport { transport in
        await withTaskGroup(of: Void.self) { group in
          for task in 0..<8 {
            group.addTask {
              for number in 0..<25 {
                #expect(await transport.post(server.url("/\(task)/\(number)")).outcome == .success)
              }
            }
          }
        }
      }
      #expect(server.requests.count == 200)
      #expect(Set(server.requests.map(\.path)).count == 200)
    }
  }

  @Test("a receiver whose kept connections all die with the next request is reached again")
  func everyKeptConnectionIsDead() async throws {
    let kept = 12
    try await withServer { request in
      request.index == 0 ? [.answer("200 OK")] : [.close]
    } _: { server in
      await withTransport(threads: 1) { transport in
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<kept { group.addTask { _ = await transport.post(server.url()) } }
        }
        // libcurl tries a few of the others by itself before it gives up on a request.
        var failures: [AttemptResult] = []
        var result = await transport.post(server.url())
        while result.outcome != .success, failures.count < kept {
          failures.append(result)
          result = await transport.post(server.url())
        }
        #expect(result.outcome == .success)
        #expect(failures.allSatisfy { $0.outcome == .connect })
      }
    }
  }

  @Test("a port that speaks something else first, spoken to in TLS, is a tls failure that says so")
  func plainPort() async throws {
    let result = try await withServer(opening: [.write("SSH-2.0-OpenSSH_9.2\r\n")]) { _ in
      []
    } _: { server in
      await withTransport { await $0.post(server.url(scheme: "https")) }
    }
    #expect(result.outcome == .tls)
    #expect(result.status == nil)
    #expect(
      result.error == "what answers there does not speak TLS; check the port, or whether the URL should be http")
  }

  @Test("a port that closes every connection at once, spoken to in TLS, is a tls failure")
  func closedInHandshake() async throws {
    let result = try await withServer(opening: [.close]) { _ in
      []
    } _: { server in
      await withTransport { await $0.post(server.url(scheme: "https")) }
    }
    #expect(result.outcome == .tls)
    let sentence = "the server broke off the TLS handshake without a word"
    #expect(result.error?.hasPrefix(sentence) == true, "\(result.error ?? "")")
  }

  @Test("a TLS port that hangs up on plain http is a connect failure")
  func securePort() async throws {
    let certificates = try TestCertificates(host: "good.test")
    defer { certificates.remove() }
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.key, format: .pem))))
    let result = try await withServer(tls: context) { _ in
      [.answer("200 OK")]
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == .connect)
    #expect(result.error == "the connection was closed before an answer came")
  }
}
