import CurlTransport
import Foundation
import GatewayCore
import Synchronization
import Testing

/// Whatever a receiver does, an attempt leaves nothing behind: no descriptor and no memory.
@Suite struct LeakTests {
  private static let repetitions = 10_000
  /// Until the allocator has what it needs, and every bounded store in the transport is full.
  private static let warmUpRepetitions = 500
  private static let attemptsAtOnce = 64
  /// A leak of 1 KiB an attempt adds 10 MiB.
  private static let growthLimitBytes = 6 << 20

  /// A misbehaviour: the URL to post to, and what each attempt must count as; nil if that varies.
  private struct Target: Sendable {
    let url: String
    let outcome: AttemptOutcome?
    var timeout = Duration.seconds(60)
  }

  @Test(
    "10,000 repetitions of a misbehaviour leave neither descriptors nor memory behind",
    arguments: [
      "names that do not resolve", "addresses that change", "connections that die half-way",
      "responses that never end", "heads that never end", "keep-alive connections that are always closed", "silence",
      "all that is broken in turn",
    ])
  func repetitions(of kind: String) async throws {
    let server = try await LoopbackServer(records: false, answer: Self.answer)
    let targets = Self.targets(kind, server)
    try #require(!targets.isEmpty)
    let moves = Counter()
    let resolver = Resolver(addressesLifetime: .zero, failureLifetime: .zero) { (name) throws(LookupFailure) in
      guard name == "moving.test" else { throw LookupFailure(reason: "unknown") }
      return [IPAddress(moves.take().isMultiple(of: 2) ? "127.0.0.1" : "127.0.0.2")].compactMap { $0 }
    }
    await withTransport(resolver: resolver) { transport in
      await Self.post(Self.warmUpRepetitions, targets, transport)
      let descriptors = await Self.settledDescriptors()
      let memory = Self.residentBytes
      await Self.post(Self.repetitions, targets, transport)
      // The server's ends are closed a moment later, and libcurl keeps connections that the other end has closed until
      // it looks at them, at most as many as there were at once. The deadline only ends a hang.
      let hang = ContinuousClock.now + .seconds(10)
      while Self.descriptors > descriptors + Self.attemptsAtOnce, .now < hang { await Task.yield() }
      #expect(Self.descriptors <= descriptors + Self.attemptsAtOnce)
      #expect(Self.residentBytes - memory < Self.growthLimitBytes)
    }
    await server.stop()
  }

  private static func targets(_ kind: String, _ server: LoopbackServer) -> [Target] {
    let broken = BrokenAnswer.all.indices.map {
      Target(url: server.url("/\($0)"), outcome: BrokenAnswer.all[$0].outcome)
    }
    func named(_ names: Set<String>) -> [Target] {
      BrokenAnswer.all.indices.filter { names.contains(BrokenAnswer.all[$0].name) }.map { broken[$0] }
    }
    let unresolved = Target(url: server.url(host: "gone.test"), outcome: .dns)
    let moving = Target(url: server.url("/close", host: "moving.test"), outcome: nil)
    // When several kept connections in a row turn out to be closed, libcurl gives up on a request.
    let closing = Target(url: server.url("/close"), outcome: nil)
    let silent = Target(url: server.url("/silence"), outcome: .timeout, timeout: .milliseconds(10))
    return switch kind {
    case "names that do not resolve": [unresolved]
    case "addresses that change": [moving]
    case "connections that die half-way": named(["in the head", "in the body", "by a reset in the body", "in a chunk"])
    case "responses that never end": named(["up to the end of the connection"])
    case "heads that never end": named(["one line without end", "the line of the status without end"])
    case "keep-alive connections that are always closed": [closing]
    case "silence": [silent]
    case "all that is broken in turn": broken + [unresolved, moving, silent]
    default: []
    }
  }

  private static let answer: LoopbackServer.Answer = { request in
    switch request.path {
    case "/close": [.answer("200 OK"), .close]
    case "/silence": []
    default: Int(request.path.dropFirst()).map { BrokenAnswer.all[$0].steps } ?? [.close]
    }
  }

  private static func post(_ count: Int, _ targets: [Target], _ transport: CurlTransport) async {
    let next = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<attemptsAtOnce {
        group.addTask {
          while case let number = next.take(), number < count {
            let target = targets[number % targets.count]
            let result = await transport.post(target.url, timeout: target.timeout)
            if let outcome = target.outcome, result.outcome != outcome {
              Issue.record("\(target.url) was \(result.outcome): \(result.error ?? "")")
            }
          }
        }
      }
    }
  }

  /// How many descriptors are open when they become no fewer any more.
  private static func settledDescriptors() async -> Int {
    var fewest = descriptors
    var unchanged = 0
    while unchanged < 1000 {
      await Task.yield()
      let now = descriptors
      unchanged = now < fewest ? 0 : unchanged + 1
      fewest = min(now, fewest)
    }
    return fewest
  }

  private static var descriptors: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
  }

  private static var residentBytes: Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}

/// Hands out the numbers from 0.
private final class Counter: Sendable {
  private let next = Mutex(0)

  func take() -> Int {
    next.withLock { next in
      defer { next += 1 }
      return next
    }
  }
}
