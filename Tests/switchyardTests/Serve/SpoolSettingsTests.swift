import ArgumentParser
import Testing

@testable import switchyard

@Suite("The spool of serve")
struct SpoolSettingsTests {
  private static func settings(_ words: [String], _ environment: [String: String] = [:]) throws -> ServeSettings {
    try ServeSettings(ServeOptions.parse(words), environment: environment)
  }

  @Test("is taken for a journal on PostgreSQL, also from the environment")
  func taken() throws {
    #expect(try Self.settings(["--journal", "postgres://db/a"]).spool == nil)
    #expect(try Self.settings(["--journal", "postgres://db/a", "--spool", "a.db"]).spool == "a.db")
    #expect(try Self.settings(["--journal", "postgres://db/a"], ["SWITCHYARD_SPOOL": "a.db"]).spool == "a.db")
  }

  @Test("is refused for a journal that is a file")
  func refused() {
    let error = #expect(throws: SettingError.self) { try Self.settings(["--spool", "a.db"]) }
    #expect(
      error?.description
        == "--spool a.db is for a journal on PostgreSQL, and sqlite:./switchyard.db is on this machine already; leave "
        + "--spool out, or give a --journal postgres://…")
  }

  @Test("goes with a journal whose password is never told")
  func password() {
    let error = #expect(throws: SettingError.self) { try Self.settings(["--journal", "mysql://me:pass@db/a"]) }
    #expect(error?.description.contains("pass") == false)
  }
}
