import Foundation
import GatewayCore
import Logging
import OrderedCollections
import Synchronization
import Testing

@testable import Delivery

/// Several delivery services on one journal, each a gateway of its own. They share a transport, which sees by `User-Agent`
/// who sends.
final class FleetFixture {
  /// One gateway.
  final class Member: Sendable {
    let name: String
    let leases: FakeLeases
    let journal: InterceptedJournal
    let service: DeliveryService
    private let running: Task<Void, Never>
    private let hasStopped = Atomic(false)

    fileprivate init(_ number: Int, _ fixture: FleetFixture, duration: Duration) {
      name = "gateway-\(number)"
      leases = FakeLeases(number, fixture.table, duration: duration)
      journal = InterceptedJournal(fixture.journal, leases: leases)
      service = DeliveryFixture.service(
        on: journal, fixture.transport, fixture.clock, RecordingMetrics(), name: name)
      running = Task { [service] in await service.run() }
    }

    func apply(_ subscribers: [Subscriber], misconfigured: [String] = [], fingerprint: String = "0") async throws {
      var routes = Routes.sample(subscribers, fingerprint: fingerprint)
      for name in misconfigured { routes.misconfigured[name] = "the secret is gone" }
      try await service.apply(routes)
    }

    func status(_ name: String) async throws -> SubscriberStatus {
      try #require(try await service.statuses().first { $0.name == name })
    }

    func stop(drain: Duration = .seconds(20)) async {
      guard !hasStopped.exchange(true, ordering: .relaxed) else { return }
      await service.stop(drain: drain)
      await running.value
    }
  }

  let clock = ShiftedClock()
  let transport = ScriptedTransport()
  let journal: any Journal
  let table: FakeLeaseTable
  private var members: [Member] = []

  static func test(_ body: (FleetFixture) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let fixture = try await FleetFixture(folder: folder)
    do {
      try await body(fixture)
    } catch {
      await fixture.end()
      throw error
    }
    await fixture.end()
  }

  private init(folder: String) async throws {
    journal = try await DeliveryFixture.open(folder, clock)
    table = FakeLeaseTable(journal)
  }

  private func end() async {
    transport.answer { _ in .success }
    transport.release()
    for member in members {
      member.leases.cutOff(false)
      member.journal.releaseAll()
      await member.stop(drain: .zero)
    }
    await journal.close()
  }

  /// Starts a gateway with these routes.
  func start(_ subscribers: [Subscriber], duration: Duration = .seconds(15), fingerprint: String = "0") async throws
    -> Member
  {
    let member = Member(members.count, self, duration: duration)
    members.append(member)
    try await member.apply(subscribers, fingerprint: fingerprint)
    return member
  }

  func retention(_ member: Member, maximumSize: Int? = nil) -> RetentionService {
    RetentionService(
      delivery: member.service, journal: member.journal, retain: .seconds(72 * 3600),
      maximumSize: maximumSize.map(ByteSize.init(bytes:)), clock: { [clock] in clock.now }, logger: .silent)
  }

  @discardableResult
  func accept(_ count: Int = 1, _ callback: Callback = Callback()) async throws -> [Accepted] {
    var accepted: [Accepted] = []
    for _ in 0..<count {
      let batch = try #require(try callback.read(receivedAt: clock.now))
      let outcome = try await journal.append(batch, deadline: .now + .seconds(30))
      guard case .appended(let first) = outcome else { continue }
      accepted.append(try Accepted(batch, at: first))
    }
    return accepted
  }

  // MARK: What is seen

  /// How many subscribers each of the gateways works, by what the leases and the gateways themselves say.
  func loads() async throws -> [String: Int] {
    var loads: [String: Int] = [:]
    for member in members {
      let owned = await member.service.fleet().lanesOwned
      let inTable = table.owned(by: member.leases.gateway)
      if owned == inTable { loads[member.name] = owned }
    }
    return loads
  }

  func works(_ member: Member, _ subscriber: String) async throws -> Bool {
    guard table.owner(of: subscriber) == member.leases.gateway else { return false }
    return try await member.status(subscriber).isWorkedHere
  }

  /// Waits until a gateway works a subscriber.
  func moved(_ subscriber: String, to member: Member, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await eventually("\(subscriber) moves to \(member.name)", sourceLocation: sourceLocation) {
      try await works(member, subscriber)
    }
  }

  func lane(_ name: String) async throws -> LaneRecord {
    try #require(try await journal.lanes().first { $0.subscriber == name && $0.replay == nil })
  }

  /// Waits until a lane owes nothing and the journal says so.
  func settled(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await eventually("\(name) owes nothing", sourceLocation: sourceLocation) {
      clock.advance(by: .milliseconds(100))
      guard try await lane(name).cursor == journal.head.next else { return false }
      return try await journal.exceptionCounts(of: lane(name).id).waitingEvents == 0
    }
  }

  /// Waits until all is delivered, and looks that each event was delivered once.
  func delivered(_ accepted: [Accepted], to name: String, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
  {
    try await settled(name, sourceLocation: sourceLocation)
    let delivered = transport.delivered(to: name)
    #expect(delivered.sorted() == accepted.flatMap(\.events).sorted(), sourceLocation: sourceLocation)
  }

  /// Who has sent something to a subscriber.
  func senders(to name: String) -> Set<String> {
    Set(transport.attempts(at: name).compactMap { $0["user-agent"]?.split(separator: "/").last.map(String.init) })
  }
}
