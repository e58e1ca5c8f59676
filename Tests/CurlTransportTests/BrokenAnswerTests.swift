import CurlTransport
import GatewayCore
import Testing

/// Answers that nobody can read, or that do not end: each with the outcome that it counts as and the sentence for it.
@Suite struct BrokenAnswerTests {
  @Test("what cannot be read is other, and the sentence says why", arguments: BrokenAnswer.unreadable)
  func unreadable(one: BrokenAnswer) async throws { try await check(one) }

  @Test("a head that does not end is given up at the limit", arguments: BrokenAnswer.endlessHeads)
  func endlessHead(one: BrokenAnswer) async throws { try await check(one) }

  @Test("an answer that ends too soon is a connection that broke", arguments: BrokenAnswer.cutShort)
  func cutShort(one: BrokenAnswer) async throws { try await check(one) }

  @Test("a body that does not end is cut at the limit, and the status counts", arguments: BrokenAnswer.endlessBodies)
  func endlessBody(one: BrokenAnswer) async throws { try await check(one) }

  @Test("after an answer that was broken the next request has a connection of its own and succeeds")
  func afterwards() async throws {
    let broken = BrokenAnswer.all
    try await withServer { request in
      Int(request.path.dropFirst()).map { broken[$0].steps } ?? [.answer("200 OK")]
    } _: { server in
      await withTransport(threads: 1) { transport in
        for index in broken.indices {
          #expect(await transport.post(server.url("/\(index)")).outcome == broken[index].outcome)
          #expect(await transport.post(server.url("/good")).outcome == .success)
        }
      }
    }
  }

  private func check(_ one: BrokenAnswer) async throws {
    let result = try await withServer { _ in
      one.steps
    } _: { server in
      await withTransport { await $0.post(server.url()) }
    }
    #expect(result.outcome == one.outcome)
    #expect(result.status == one.status)
    // Where the system's words go on from there, they differ from time to time.
    if let sentence = one.sentence, sentence.hasSuffix(": ") {
      #expect(result.error?.hasPrefix(sentence) == true, "\(result.error ?? "")")
    } else {
      #expect(result.error == one.sentence)
    }
  }
}
