import Testing

@testable import switchyard

@Suite("Where a journal is")
struct JournalLocationTests {
  @Test("is a file or a database")
  func reading() {
    #expect(JournalLocation("sqlite:./a.db") == .sqlite(path: "./a.db"))
    #expect(JournalLocation("postgres://db/a") == .postgres(url: "postgres://db/a"))
    #expect(JournalLocation("postgresql://db/a") == .postgres(url: "postgresql://db/a"))
    for text in ["", "sqlite:", "sqlite://a.db", "postgres:", "postgres://", "mysql://db/a", "a.db"] {
      #expect(JournalLocation(text) == nil, "\(text)")
    }
  }

  @Test(
    "is shown without its password",
    arguments: [
      ("sqlite:./a.db", "sqlite:./a.db"),
      ("postgres://db/a", "postgres://db/a"),
      ("postgres://me@db/a", "postgres://me@db/a"),
      ("postgres://me:pass@db:5432/a?sslmode=verify-full", "postgres://me:•••@db:5432/a?sslmode=verify-full"),
      ("postgresql://me:p@ss/w:rd@db/a", "postgresql://me:•••@db/a"),
      ("postgres://me:@db/a", "postgres://me:•••@db/a"),
      ("postgres://db/a?password=pass&user=me", "postgres://db/a?password=•••&user=me"),
      ("postgres://db/a?sslPassword=pass", "postgres://db/a?sslPassword=•••"),
    ])
  func shown(_ url: String, _ shown: String) {
    #expect(JournalLocation(url)?.shown == shown)
  }
}
