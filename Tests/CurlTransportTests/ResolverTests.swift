import CurlTransport
import GatewayCore
import Synchronization
import Testing

@Suite struct ResolverTests {
  @Test("those who ask for a name while it is looked up share one lookup, and later ones its answer")
  func coalesced() async throws {
    let gate = Gate()
    let lookups = Mutex(0)
    let resolver = Resolver { (name) throws(LookupFailure) in
      lookups.withLock { $0 += 1 }
      gate.wait()
      return try loopbackLookup(name)
    }
    defer { resolver.stop() }
    let answers = Answers()
    for _ in 0..<10 { #expect(resolver.resolve("a.test") { answers.append($0) } == nil) }
    gate.open()
    await answers.wait(for: 10)
    #expect(answers.all.allSatisfy { $0.addresses == ["127.0.0.1"] })
    #expect(resolver.resolve("a.test") { answers.append($0) }?.addresses == ["127.0.0.1"])
    #expect(answers.all.count == 10)
    #expect(lookups.withLock { $0 } == 1)
  }

  @Test("as many hung names as threads but one leave room for others")
  func hungNames() async throws {
    let gate = Gate()
    let resolver = Resolver(threads: 3) { (name) throws(LookupFailure) in
      if name.hasPrefix("hung") { gate.wait() }
      return try loopbackLookup(name)
    }
    defer { resolver.stop() }
    let answers = Answers()
    let hung = Answers()
    for name in ["hung1.test", "hung2.test"] { #expect(resolver.resolve(name) { hung.append($0) } == nil) }
    for name in ["a.test", "b.test", "c.test"] { #expect(resolver.resolve(name) { answers.append($0) } == nil) }
    await answers.wait(for: 3)
    #expect(hung.all.isEmpty)
    gate.open()
    await hung.wait(for: 2)
  }

  @Test("a failure is one sentence, and is remembered")
  func failure() async throws {
    let lookups = Mutex(0)
    let resolver = Resolver(failureLifetime: .seconds(3600)) { (_) throws(LookupFailure) in
      lookups.withLock { $0 += 1 }
      throw LookupFailure(reason: "Name or service not known")
    }
    defer { resolver.stop() }
    let answers = Answers()
    #expect(resolver.resolve("nowhere.test") { answers.append($0) } == nil)
    await answers.wait(for: 1)
    let sentence = "the name nowhere.test could not be resolved: Name or service not known"
    #expect(answers.all.first?.sentence == sentence)
    #expect(resolver.resolve("nowhere.test") { answers.append($0) }?.sentence == sentence)
    #expect(lookups.withLock { $0 } == 1)
  }

  @Test("answers whose time is over are looked up again")
  func expiry() async throws {
    let lookups = Mutex(0)
    let resolver = Resolver(addressesLifetime: .zero, failureLifetime: .zero) { (name) throws(LookupFailure) in
      lookups.withLock { $0 += 1 }
      return try loopbackLookup(name)
    }
    defer { resolver.stop() }
    let answers = Answers()
    for count in 1...3 {
      #expect(resolver.resolve("a.test") { answers.append($0) } == nil)
      await answers.wait(for: count)
    }
    #expect(resolver.resolve("bad.example") { answers.append($0) } == nil)
    await answers.wait(for: 4)
    #expect(resolver.resolve("bad.example") { answers.append($0) } == nil)
    await answers.wait(for: 5)
    #expect(lookups.withLock { $0 } == 5)
  }

  @Test("names beyond the bound of the queue fail at once")
  func queueLimit() async throws {
    let gate = Gate()
    let resolver = Resolver(threads: 1) { (name) throws(LookupFailure) in
      gate.wait()
      return try loopbackLookup(name)
    }
    defer { resolver.stop() }
    let answers = Answers()
    let refused = (0..<1100).filter { resolver.resolve("\($0).test") { answers.append($0) } != nil }.count
    // The one thread may or may not have taken the first name.
    #expect((75...76).contains(refused))
    gate.open()
    await answers.wait(for: 1100 - refused)
  }

  @Test("the system knows localhost, and does not know names under invalid")
  func system() throws {
    #expect(try HostLookup.addresses(of: "localhost").contains { ["127.0.0.1", "::1"].contains("\($0)") })
    #expect(throws: LookupFailure.self) { try HostLookup.addresses(of: "does-not-exist.invalid") }
  }

  private final class Answers: Sendable {
    private let answers = Mutex<[Resolver.Answer]>([])

    var all: [Resolver.Answer] { answers.withLock { $0 } }

    func append(_ answer: Resolver.Answer) { answers.withLock { $0.append(answer) } }

    func wait(for count: Int) async { while all.count < count { await Task.yield() } }
  }
}

extension Resolver.Answer {
  fileprivate var addresses: [String]? {
    guard case .addresses(let addresses, _) = self else { return nil }
    return addresses.map(\.description)
  }

  fileprivate var sentence: String? {
    guard case .failure(let sentence, _) = self else { return nil }
    return sentence
  }
}
