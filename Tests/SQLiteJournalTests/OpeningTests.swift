import Foundation
import GRDB
import GatewayCore
import Testing

@testable import SQLiteJournal

@Suite("Opening a file")
struct OpeningTests {
  /// The sentence with which opening is refused.
  private func refusal(
    _ place: TemporaryJournal, _ path: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  )
    async throws -> String
  {
    do {
      let journal = try await place.open(path ?? place.path)
      await journal.close()
      Issue.record("it was opened", sourceLocation: sourceLocation)
      return ""
    } catch JournalError.unavailable(let sentence) {
      return sentence
    }
  }

  @Test("its files can be read by their owner alone")
  func modes() async throws {
    let place = try TemporaryJournal()
    let before = umask(0)
    defer { umask(before) }
    let journal = try await place.open()
    _ = try await journal.append(.sample(), deadline: .soon)
    for name in ["journal.db", "journal.db-wal", "journal.db-shm", "journal.db-lock"] {
      #expect(try place.mode(name) == 0o600, "\(name)")
    }
    await journal.close()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.path)
    let again = try await place.open()
    #expect(try place.mode("journal.db") == 0o600)
    await again.close()
  }

  @Test("a second opening is refused while the first has the file, also by another name of it")
  func secondOpening() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    #expect(try await refusal(place).contains("is in use by another gateway"))
    let link = place.folder + "/link.db"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.path)
    #expect(try await refusal(place, link).contains("is in use by another gateway"))
    // The refused ones have taken nothing from the first.
    _ = try await journal.append(.sample(), deadline: .soon)
    await journal.close()
    let again = try await place.open()
    #expect(again.head.next == SequenceNumber(rawValue: 2))
    await again.close()
  }

  @Test("the lock of a process that was killed does not stay")
  func killedProcess() async throws {
    let place = try TemporaryJournal()
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = ["--no-fork", place.path + "-lock", "sh", "-c", "echo held; exec sleep 600"]
    let output = Pipe()
    holder.standardOutput = output
    try holder.run()
    #expect(try output.fileHandleForReading.read(upToCount: 5) == Data("held\n".utf8))
    #expect(try await refusal(place).contains("is in use by another gateway"))
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    let journal = try await place.open()
    await journal.close()
  }

  @Test("a path that cannot be a journal is refused with a sentence")
  func unusablePaths() async throws {
    let place = try TemporaryJournal()
    #expect(try await refusal(place, place.folder + "/none/journal.db").contains("\(place.folder)/none does not exist"))
    #expect(try await refusal(place, place.folder).contains("is not a regular file"))
    #expect(!FileManager.default.fileExists(atPath: place.folder + "-lock"))
    // Not even root may make a file here.
    #expect(try await refusal(place, "/proc/journal.db").contains("/proc/journal.db"))
  }

  /// What there is in a folder, to the byte: content and mode by name.
  private func files(_ place: TemporaryJournal) throws -> [String: FileState] {
    let names = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        let content = try Data(contentsOf: URL(fileURLWithPath: place.folder + "/" + name))
        return (name, FileState(content: content, mode: try place.mode(name)))
      })
  }

  private struct FileState: Equatable {
    let content: Data
    let mode: Int
  }

  private func makeReadableByAll(_ place: TemporaryJournal) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.path)
  }

  @Test("a file that is no database is refused and stays as it is, with nothing beside it", arguments: [1, 20, 400])
  func noDatabase(lines: Int) async throws {
    let place = try TemporaryJournal()
    let text = Data(String(repeating: "not a database\n", count: lines).utf8)
    try text.write(to: URL(fileURLWithPath: place.path))
    try makeReadableByAll(place)
    let before = try files(place)
    #expect(try await refusal(place) == "\(place.path) is not a database; use another file")
    #expect(try files(place) == before)
    #expect(before.count == 1)
  }

  @Test("what is no regular file is refused and stays as it is, with nothing beside it")
  func noRegularFile() async throws {
    let place = try TemporaryJournal()
    guard mkfifo(place.path, 0o644) == 0 else { throw CocoaError(.fileWriteUnknown) }
    #expect(try await refusal(place) == "\(place.path) is not a regular file; use another file")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).count == 1)
    let mode = try FileManager.default.attributesOfItem(atPath: place.path)[.posixPermissions] as? Int
    #expect(mode.map { $0 & 0o444 } == 0o444)
  }

  @Test(
    "another program's database is refused and stays as it is, with nothing beside it",
    arguments: [
      "CREATE TABLE accounts (name TEXT)", "PRAGMA journal_mode = WAL; CREATE TABLE accounts (name TEXT)",
      "PRAGMA application_id = 7", "PRAGMA journal_mode = WAL; PRAGMA application_id = 7",
    ])
  func foreignDatabase(sql: String) async throws {
    let place = try TemporaryJournal()
    let foreign = try DatabaseQueue(path: place.path)
    try await foreign.writeWithoutTransaction { db in try db.execute(sql: sql) }
    try foreign.close()
    try makeReadableByAll(place)
    let before = try files(place)
    #expect(try await refusal(place).contains("is a database of another program"))
    #expect(try files(place) == before)
    #expect(before.count == 1)
  }

  @Test("another program's database is refused while that program has it open, and stays as it is")
  func openForeignDatabase() async throws {
    let place = try TemporaryJournal()
    let foreign = try DatabaseQueue(path: place.path)
    // Its tables are in the write-ahead log alone.
    try await foreign.writeWithoutTransaction { db in
      try db.execute(
        sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE accounts (name TEXT)")
    }
    try makeReadableByAll(place)
    #expect(try await refusal(place).contains("is a database of another program"))
    #expect(try place.mode("journal.db") == 0o644)
    #expect(try Set(files(place).keys) == ["journal.db", "journal.db-wal", "journal.db-shm"])
    try foreign.close()
  }

  @Test("an empty file, and a database without tables, become journals", arguments: ["", "VACUUM"])
  func emptyFile(sql: String) async throws {
    let place = try TemporaryJournal()
    if sql.isEmpty {
      try Data().write(to: URL(fileURLWithPath: place.path))
    } else {
      let queue = try DatabaseQueue(path: place.path)
      try await queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
      try queue.close()
    }
    let journal = try await place.open()
    #expect(try await journal.append(.sample(), deadline: .soon) == .appended(.first))
    await journal.close()
    #expect(try place.mode("journal.db") == 0o600)
  }

  @Test("a journal that was never folded into its file is opened with all that is in its log")
  func journalInItsLog() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    _ = try await journal.append(.sample(), deadline: .soon)
    let copy = try TemporaryJournal()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: place.path + suffix, toPath: copy.path + suffix)
    }
    await journal.close()
    let again = try await copy.open()
    #expect(again.head.next == SequenceNumber(rawValue: 2))
    await again.close()
  }

  @Test("a journal of a newer version is refused when it says so, and used when it allows it")
  func newerSchema() async throws {
    let place = try TemporaryJournal()
    func mark(schema: Int, oldestCompatible: Int) async throws {
      let queue = try DatabaseQueue(path: place.path)
      try await queue.write { db in
        try db.execute(
          sql: "UPDATE meta SET schema = ?, oldest_compatible = ?", arguments: [schema, oldestCompatible])
      }
      try queue.close()
    }
    let first = try await place.open()
    _ = try await first.append(.sample(), deadline: .soon)
    await first.close()

    try await mark(schema: Schema.current + 1, oldestCompatible: Schema.current)
    let second = try await place.open()
    #expect(try await second.append(.sample(), deadline: .soon) == .appended(SequenceNumber(rawValue: 2)))
    await second.close()
    let kept = try DatabaseQueue(path: place.path)
    #expect(try await kept.read { db in try Int.fetchOne(db, sql: "SELECT schema FROM meta") } == Schema.current + 1)
    try kept.close()

    try await mark(schema: Schema.current + 2, oldestCompatible: Schema.current + 1)
    let sentence = try await refusal(place)
    #expect(sentence.contains("was written by a newer version"))
    #expect(sentence.contains("schema \(Schema.current + 2)"))
  }

  @Test("a journal of schema 1 is brought to this one, and gets a gateway's mark that stays")
  func firstSchema() async throws {
    let place = try TemporaryJournal()
    let queue = try DatabaseQueue(path: place.path)
    try await queue.write { db in
      try db.execute(sql: Schema.firstSchema + "UPDATE meta SET schema = 1, oldest_compatible = 1;")
    }
    try queue.close()
    let first = try await place.open()
    let mark = first.mark
    #expect(mark.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    _ = try await first.append(.sample(), deadline: .soon)
    await first.close()
    let second = try await place.open()
    #expect(second.mark == mark)
    await second.close()
  }

  @Test("opening reads what came after the newest running totals, not the whole journal")
  func readsLittle() async throws {
    let place = try TemporaryJournal()
    let journal = try await place.open()
    let count = 3 * RunningTotals.interval
    for _ in 0..<count / 512 { try await journal.appendAll((0..<512).map { _ in .sample([1], events: 2) }) }
    let kinds = journal.head.kinds
    await journal.close()
    let again = try await place.open()
    #expect(again.head.next == SequenceNumber(rawValue: Int64(1 + 2 * count)))
    #expect(again.head.kinds == kinds)
    let line = try #require(place.logs.lines.last { $0.message == "journal opened" })
    let read = try #require(line.metadata["journal.batches_read"].flatMap { Int($0) })
    #expect(read <= RunningTotals.interval + 512)
    // Far from any totals and right at them, what they are is the same.
    for position in stride(from: Int64(1), through: Int64(1 + 2 * count), by: 1531) {
      let totals = try await again.totals(below: SequenceNumber(rawValue: position))
      #expect(totals.values.reduce(0, +) == Int(position - 1))
    }
    await again.close()
  }
}
