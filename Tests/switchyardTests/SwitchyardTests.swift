import ArgumentParser
import Testing

@testable import switchyard

@Suite("The program")
struct SwitchyardTests {
  @Test("says of a failure one line, whatever it quotes")
  func failure() {
    #expect(Switchyard.lines(on: CommandFailure("cannot read a\nb.json")) == ["Error: cannot read a\nb.json"])
  }

  @Test("says of bad usage what is wrong and how the command is used")
  func usage() throws {
    let error = try #require(throws: (any Error).self) {
      try Switchyard.parseAsRoot(["receive", "--delay", "soon"])
    }
    let lines = Switchyard.lines(on: error)
    #expect(lines.first?.contains("'soon' is not a duration") == true)
    #expect(lines.contains { $0.hasPrefix("Usage: switchyard receive ") })
    #expect(Switchyard.exitCode(for: error) == ExitStatus.usage)
  }

  @Test("says nothing of what has been told already")
  func told() {
    #expect(Switchyard.lines(on: ExitStatus.configuration).isEmpty)
  }
}
