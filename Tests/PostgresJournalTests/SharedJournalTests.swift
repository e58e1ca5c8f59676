import CoreMetrics
import Foundation
import GatewayCore
import Logging
import OpenSSLSigner
import TestSupport
import Testing

@testable import PostgresJournal

/// Opens journals on one database, as several gateways do.
struct SharedDatabase {
  let url: String

  init() throws { url = try PostgresServer.shared().makeDatabase() }

  func open(schema: Schema = .standard, width: Int? = nil) async throws -> PostgresJournal {
    try await PostgresJournal.open(
      PostgresAddress(url: url, shown: "postgres://test"), schema: schema, partitionWidth: width,
      digest: OpenSSLDigest(), clock: Timestamp.now,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), metrics: NOOPMetricsHandler.instance,
      onFatal: { fatalError($0) })
  }

  func psql(_ sql: String) throws -> String { try PostgresServer.shared().psql(sql, in: url) }
}

extension NewBatch {
  static func numbered(_ number: Int, events: Int = 1, key: DuplicateKey? = nil) -> NewBatch {
    var generator = SystemRandomNumberGenerator()
    let kind = EventKind(
      app: AppID(rawValue: 1_400_000_000), type: EventType(rawValue: "friend.added"), command: "Sns.CallbackFriendAdd")
    return NewBatch(
      id: BatchID(at: .now(), using: &generator), kind: kind, eventCount: events, receivedAt: .now(),
      derivation: Derivation(rawValue: "1 PairList"), payload: Array("\(number)".utf8), duplicateKey: key)
  }
}

extension ContinuousClock.Instant {
  static var soon: Self { .now + .seconds(30) }
}

extension LaneID {
  static func of(_ subscriber: String, in journal: PostgresJournal) async throws -> LaneRecord {
    try await journal.openLane(for: subscriber, startingAt: .first)
  }
}

@Suite("A journal that several gateways share", .enabled(if: !PostgresServer.isLeftOut))
struct SharedJournalTests {
  @Test("a reader that races many writers passes over nothing, and sees all in order")
  func racingReader() async throws {
    let database = try SharedDatabase()
    let journals = try await [database.open(width: 50), database.open(width: 50), database.open(width: 50)]
    let (writers, each) = (12, 40)
    let read = try await withThrowingTaskGroup(of: [StoredBatch].self) { group in
      for journal in journals {
        group.addTask {
          // Each of them reads all that all three write.
          var (position, batches) = (SequenceNumber.first, [StoredBatch]())
          while batches.count < writers * each {
            let page = try await journal.read(
              from: position, limit: ReadLimit(batches: 7, bytes: 1 << 20), wanted: { _ in true })
            #expect(page.damaged.isEmpty)
            batches += page.batches
            position = page.through
            try await Task.sleep(for: .milliseconds(1))
          }
          return batches
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { writing in
        for writer in 0..<writers {
          writing.addTask {
            for number in 0..<each {
              let batch = NewBatch.numbered(writer * each + number, events: 1 + number % 4)
              _ = try await journals[writer % journals.count].append(batch, deadline: .soon)
            }
          }
        }
        try await writing.waitForAll()
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for batches in read {
      #expect(Set(batches.map(\.payload)).count == writers * each)
      for (earlier, later) in zip(batches, batches.dropFirst()) { #expect(earlier.end == later.first) }
    }
    for journal in journals { await journal.close() }
  }

  @Test("every gateway's head and totals come to be the same, whoever appends")
  func heads() async throws {
    let database = try SharedDatabase()
    let (one, two) = (try await database.open(), try await database.open())
    for number in 0..<20 { _ = try await (number % 3 == 0 ? one : two).append(.numbered(number), deadline: .soon) }
    try await eventually { one.head.next == two.head.next && one.head.kinds == two.head.kinds }
    #expect(one.head.next == SequenceNumber(rawValue: 21))
    #expect(try await one.totals(below: SequenceNumber(rawValue: 11)).values.reduce(0, +) == 10)
    await one.close()
    await two.close()
  }

  @Test("what others append comes to memory while somebody reads, and not while nobody does")
  func othersInMemory() async throws {
    let database = try SharedDatabase()
    let (one, two) = (try await database.open(), try await database.open())
    let all = ReadLimit(batches: 256, bytes: 1 << 20)
    func append(_ numbers: Range<Int>) async throws -> SequenceNumber {
      for number in numbers { _ = try await one.append(.numbered(number, events: 2), deadline: .soon) }
      try await eventually { two.head.next == one.head.next }
      return two.head.next
    }
    let first = try await append(0..<3)
    #expect(two.follower.recent.batches(from: .first, limit: 1) == nil)
    #expect(try await two.read(from: .first, limit: all, wanted: { _ in true }).batches.count == 3)
    let second = try await append(3..<4)
    _ = try await two.append(.numbered(4), deadline: .soon)
    let page = try #require(two.follower.recent.batches(from: first, limit: 256)).map(\.batch)
    #expect(page.map(\.payload) == [Array("3".utf8), Array("4".utf8)])
    #expect(page.map(\.first) == [first, second])
    // The server has it exactly so.
    try await eventually { one.head.next == two.head.next }
    let read = try await one.read(from: first, limit: all, wanted: { _ in true })
    #expect(read.batches.map(\.id) == page.map(\.id) && read.batches.map(\.kind) == page.map(\.kind))
    #expect(read.batches.map(\.receivedAt) == page.map(\.receivedAt))
    await one.close()
    await two.close()
  }

  @Test("a batch that is damaged does not come to memory: who reads it finds that out")
  func damagedOfOthers() async throws {
    let database = try SharedDatabase()
    let (one, two) = (try await database.open(), try await database.open())
    _ = try await one.append(.numbered(0), deadline: .soon)
    _ = try database.psql("UPDATE switchyard.batches SET checksum = checksum + 1")
    let checksum = one.checksum
    let found = try await two.pool.read { connection throws(PostgresFailure) in
      try AppendedBatches(connection, from: .first, isRead: true, checksum: checksum).stored?.count
    }
    #expect(found == nil)
    await one.close()
    await two.close()
  }

  @Test("a repeat is known at whichever gateway it comes")
  func duplicates() async throws {
    let database = try SharedDatabase()
    let (one, two) = (try await database.open(), try await database.open())
    let key = DuplicateKey(bytes: Array(repeating: 7, count: 16), lifetime: .whileRetained)
    let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
      for number in 0..<40 {
        group.addTask { try await (number % 2 == 0 ? one : two).append(.numbered(number, key: key), deadline: .soon) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == .appended(.first) } == 1)
    #expect(outcomes.count { $0 == .duplicate(of: .first) } == 39)
    await one.close()
    await two.close()
  }

  @Test("a batch whose commit was not known to be one is found by its id when it is appended again")
  func sameBatch() async throws {
    let database = try SharedDatabase()
    let journal = try await database.open()
    let batch = NewBatch.numbered(1)
    #expect(try await journal.append(batch, deadline: .soon) == .appended(.first))
    #expect(try await journal.append(batch, deadline: .soon) == .duplicate(of: .first))
    await journal.close()
  }

  @Test("a session that is ended while it appends loses nothing and doubles nothing")
  func endedSessions() async throws {
    let database = try SharedDatabase()
    let journal = try await database.open()
    let appends = (0..<200).map { number in
      Task {
        try await Task.sleep(for: .milliseconds(number * 5))
        return try await journal.append(.numbered(number), deadline: .soon)
      }
    }
    for _ in 0..<20 {
      _ = try PostgresServer.shared().psqlAsSuperuser(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """, in: database.url)
      try await Task.sleep(for: .milliseconds(50))
    }
    for append in appends { _ = try await append.value }
    let stored = try database.psql("SELECT count(*), count(DISTINCT payload) FROM switchyard.batches")
    #expect(stored.trimmingCharacters(in: .whitespacesAndNewlines) == "200|200")
    await journal.close()
  }

  @Test("an append is synchronous, whatever the server's settings are, and a mere cursor is not")
  func durable() async throws {
    let database = try SharedDatabase()
    let name = URL(string: database.url)?.lastPathComponent ?? ""
    _ = try PostgresServer.shared().psqlAsSuperuser(
      "ALTER DATABASE \(name) SET synchronous_commit = off", in: database.url)
    let journal = try await database.open()
    let lane = try await LaneID.of("audit", in: journal)
    // The setting as it is when the transaction is about to commit.
    _ = try database.psql(
      """
      CREATE TABLE seen (what text, how text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO seen VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER see AFTER UPDATE ON switchyard.counter DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION see();
      CREATE CONSTRAINT TRIGGER see AFTER UPDATE ON switchyard.lanes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION see();
      """)
    func seen() throws -> [Substring] {
      try database.psql("WITH gone AS (DELETE FROM seen RETURNING what, how) SELECT what || ' ' || how FROM gone")
        .split(separator: "\n")
    }
    _ = try await journal.append(.numbered(1), deadline: .soon)
    #expect(try seen() == ["counter on"])
    try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 2)))
    #expect(try seen() == ["lanes off"])
    let retrying = DeliveryException(
      first: .first, last: .first, state: .retrying, acceptedAt: .now(), attempts: 1, dueAt: .now(),
      firstAttemptAt: .now(), endedAt: nil, lastError: "HTTP 503")
    try await journal.settle(Settlement(lane: lane.id, written: [retrying]))
    #expect(try seen() == ["lanes on"])
    await journal.close()
  }

  @Test("a server that takes no writes for a while leaves nobody without an answer, and nothing stuck")
  func readOnly() async throws {
    let database = try SharedDatabase()
    let journal = try await database.open()
    _ = try await journal.append(.numbered(0), deadline: .soon)
    // For sessions that are open, too.
    func readOnly(_ isReadOnly: Bool) throws {
      let server = try PostgresServer.shared()
      _ = try server.psqlAsSuperuser(
        "ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly ? "on" : "off")", in: database.url)
      _ = try server.psqlAsSuperuser("SELECT pg_reload_conf()", in: database.url)
    }
    defer { try? readOnly(false) }
    try readOnly(true)
    for number in 1...3 {
      await #expect(throws: JournalError.self) {
        try await journal.append(.numbered(number), deadline: .now + .milliseconds(300))
      }
    }
    await #expect(throws: JournalError.self) { try await journal.checkWritable() }
    let waiting = Task { try await journal.append(.numbered(4), deadline: .soon) }
    try readOnly(false)
    #expect(try await waiting.value == .appended(SequenceNumber(rawValue: 2)))
    try await journal.checkWritable()
    await journal.close()
  }

  @Test("a server that lacks the last commits takes no more: their numbers would be given again")
  func wentBack() async throws {
    let database = try SharedDatabase()
    let journal = try await database.open()
    for number in 0..<5 { _ = try await journal.append(.numbered(number), deadline: .soon) }
    let group = Group(
      [.init(batch: .numbered(9), checksum: 0, deadline: .soon, waiter: { _ in })], now: .now())
    let failure = await journal.pool.writer.run(isRepeatable: false) { connection throws(PostgresFailure) in
      try group.append(connection, head: SequenceNumber(rawValue: 7), now: .now(), patience: .seconds(5))
    }
    guard case .failure(.wentBack) = failure else {
      Issue.record("it took what would have been given again: \(failure)")
      return
    }
    #expect(try database.psql("SELECT next_seq FROM switchyard.counter").hasPrefix("6"))
    await journal.close()
  }

  @Test("partitions are made before they are needed, and dropped once all of them is trimmed")
  func partitions() async throws {
    let database = try SharedDatabase()
    let journal = try await database.open(width: 10)
    for number in 0..<95 { _ = try await journal.append(.numbered(number), deadline: .soon) }
    let lane = try await LaneID.of("audit", in: journal)
    let dead = DeliveryException(
      first: SequenceNumber(rawValue: 15), last: SequenceNumber(rawValue: 15), state: .dead, acceptedAt: .now(),
      attempts: 1, dueAt: .now(), firstAttemptAt: .now(), endedAt: .now(), lastError: "HTTP 400")
    try await journal.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 96), written: [dead]))
    let far = Timestamp(milliseconds: .max)
    #expect(try await journal.trim(below: SequenceNumber(rawValue: 91), receivedBefore: far, limit: 1000) == 89)
    let left = try database.psql("SELECT min(from_seq), count(*) FROM switchyard.partitions WHERE from_seq < 95")
    #expect(left.hasPrefix("91|1"))
    let page = try await journal.read(
      from: .first, limit: ReadLimit(batches: 100, bytes: 1 << 20), wanted: { _ in true })
    #expect(page.batches.map(\.first.rawValue) == [15, 91, 92, 93, 94, 95])
    await journal.close()
  }
}

@Suite("Leases in PostgreSQL", .enabled(if: !PostgresServer.isLeftOut))
struct PostgresLeasesTests {
  private let presence = GatewayPresence(
    fingerprint: "f", subscribers: ["a", "b"], misconfigured: ["c"], name: "host 1")

  @Test("lanes that are claimed are one gateway's, until it lets go of them or its lease runs out")
  func claiming() async throws {
    let database = try SharedDatabase()
    let journals = try await [database.open(), database.open()]
    let leases = try journals.map { try #require($0.leases) }
    for subscriber in presence.subscribers { _ = try await LaneID.of(subscriber, in: journals[0]) }
    #expect(try await leases[0].claim(["a"]).isEmpty, "who has no lease claims nothing")
    for lease in leases { _ = try await lease.renew(presence) }
    let claimed = try await leases[0].claim(["a", "b"])
    #expect(claimed.map(\.subscriber) == ["a", "b"])
    #expect(try await leases[1].claim(["a", "b"]).isEmpty)
    let table = try await leases[1].renew(presence)
    #expect(Set(table.gateways.map(\.id)) == Set(leases.map(\.gateway)))
    #expect(table.gateways.map(\.presence) == [presence, presence])
    #expect(table.lanes["a"]?.owner == leases[0].gateway)
    try await leases[0].release(["a"])
    #expect(try await leases[1].claim(["a", "b"]).map(\.subscriber) == ["a"])
    _ = try database.psql(
      "UPDATE switchyard.gateways SET lease_until = now() - interval '1 s' WHERE gateway_id = \(leases[0].gateway.rawValue)"
    )
    #expect(try await leases[1].renew(presence).lanes["b"]?.owner == nil)
    #expect(try await leases[1].claim(["b"]).map(\.subscriber) == ["b"])
    try await leases[1].leave()
    #expect(try await leases[0].renew(presence).lanes.values.allSatisfy { $0.owner == nil })
    for journal in journals { await journal.close() }
  }

  @Test("who was the owner before settles nothing")
  func epochs() async throws {
    let database = try SharedDatabase()
    let journals = try await [database.open(), database.open()]
    let leases = try journals.map { try #require($0.leases) }
    let lane = try await LaneID.of("a", in: journals[0])
    for lease in leases { _ = try await lease.renew(presence) }
    let old = try #require(try await leases[0].claim(["a"]).first)
    try await journals[0].settle(Settlement(lane: lane.id, epoch: old.epoch, cursor: SequenceNumber(rawValue: 5)))
    try await leases[0].release(["a"])
    let new = try #require(try await leases[1].claim(["a"]).first)
    #expect(new.cursor == SequenceNumber(rawValue: 5))
    #expect(new.epoch != old.epoch)
    for epoch in [old.epoch, nil] {
      await #expect(throws: JournalError.self) {
        try await journals[0].settle(Settlement(lane: lane.id, epoch: epoch, cursor: SequenceNumber(rawValue: 9)))
      }
    }
    try await journals[1].settle(Settlement(lane: lane.id, epoch: new.epoch, cursor: SequenceNumber(rawValue: 7)))
    #expect(try await journals[0].lanes().map(\.cursor.rawValue) == [7])
    for journal in journals { await journal.close() }
  }

  @Test("of many that claim at once, one gets each lane")
  func racing() async throws {
    let database = try SharedDatabase()
    let journals = try await [database.open(), database.open(), database.open()]
    let names = (0..<30).map { "s\($0)" }
    for name in names { _ = try await LaneID.of(name, in: journals[0]) }
    let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
      for journal in journals {
        let leases = try #require(journal.leases)
        _ = try await leases.renew(presence)
        group.addTask {
          var mine: [String] = []
          for name in names.shuffled() { mine += try await leases.claim([name]).map(\.subscriber) }
          return mine
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(claimed.sorted() == names.sorted())
    for journal in journals { await journal.close() }
  }

  @Test("an order is found by the owner until it is answered, and the answer by who gave it")
  func orders() async throws {
    let database = try SharedDatabase()
    let journals = try await [database.open(), database.open()]
    let leases = try journals.map { try #require($0.leases) }
    _ = try await LaneID.of("a", in: journals[0])
    for lease in leases { _ = try await lease.renew(presence) }
    _ = try await leases[1].claim(["a"])
    let order = try await leases[0].post(Array("pause".utf8), to: "a")
    #expect(try await leases[0].renew(presence).orders.isEmpty)
    let found = try await leases[1].renew(presence).orders
    #expect(found == [LaneOrder(id: order, subscriber: "a", body: Array("pause".utf8))])
    #expect(try await leases[0].takeAnswer(to: order) == nil)
    try await leases[1].answer(order, Array("done".utf8))
    #expect(try await leases[1].renew(presence).orders.isEmpty)
    #expect(try await leases[0].takeAnswer(to: order) == Array("done".utf8))
    for journal in journals { await journal.close() }
  }
}

@Suite("Two versions on one database", .enabled(if: !PostgresServer.isLeftOut))
struct SchemaVersionTests {
  private static let next = "ALTER TABLE switchyard.lanes ADD COLUMN something int8;"

  @Test("gateways of the version before and of the next one work side by side")
  func sideBySide() async throws {
    let database = try SharedDatabase()
    let old = try await database.open()
    let newer = Schema(migrations: Schema.standard.migrations + [Self.next], oldestCompatible: 1)
    let new = try await database.open(schema: newer)
    #expect(try await old.append(.numbered(1), deadline: .soon) == .appended(.first))
    #expect(try await new.append(.numbered(2), deadline: .soon) == .appended(SequenceNumber(rawValue: 2)))
    let lane = try await LaneID.of("a", in: new)
    try await old.settle(Settlement(lane: lane.id, cursor: SequenceNumber(rawValue: 3)))
    #expect(try await new.lanes().map(\.cursor.rawValue) == [3])
    // One of the version before may also start now.
    let late = try await database.open()
    #expect(late.head.next.rawValue == 3)
    for journal in [old, new, late] { await journal.close() }
    #expect(try database.psql("SELECT schema, oldest_compatible FROM switchyard.meta").hasPrefix("2|1"))
  }

  @Test("a version that is older than the oldest that may is refused with a sentence")
  func tooOld() async throws {
    let database = try SharedDatabase()
    let newer = Schema(migrations: Schema.standard.migrations + [Self.next], oldestCompatible: 2)
    await (try database.open(schema: newer)).close()
    let error = await #expect(throws: JournalError.self) { try await database.open() }
    #expect(error?.description.contains("newer version (schema 2, usable from schema 2 on") ?? false)
  }

  @Test("of several that start on an empty database, one makes the tables")
  func together() async throws {
    let database = try SharedDatabase()
    let journals = try await withThrowingTaskGroup(of: PostgresJournal.self) { group in
      for _ in 0..<4 { group.addTask { try await database.open() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(journals.map(\.mark)).count == 1)
    for journal in journals { await journal.close() }
  }
}

/// Waits for something that takes a moment.
func eventually(_ check: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(30)
  while try await !check() {
    guard ContinuousClock.now < deadline else {
      Issue.record("it did not come to be")
      return
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}
