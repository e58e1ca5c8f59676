import Testing

@testable import switchyard

@Suite("A table")
struct TextTableTests {
  @Test("has columns as wide as what stands in them, numbers to the right, and no spaces at the end of a line")
  func columns() {
    var table = TextTable("NAME", ">COUNT", "NOTE")
    table.append("moderation", "7", "")
    table.append("a", "1,234", "x")
    #expect(table.lines == ["NAME        COUNT  NOTE", "moderation      7  -", "a           1,234  x"])
  }

  @Test("keeps its columns where names are written in any script")
  func widths() {
    var table = TextTable("A", "B")
    table.append("管理员", "x")
    table.append("e\u{301}", "y")
    #expect(table.lines == ["A       B", "管理员  x", "e\u{301}       y"])
  }

  @Test("shows what must not reach a terminal")
  func escapes() {
    var table = TextTable("A")
    table.append("\u{1B}[31m\nb")
    #expect(table.lines.last == "\\u001b[31m\\u000ab")
  }

  @Test("of facts leaves out what is not there")
  func facts() {
    var facts = FactList()
    facts.append("a", "1")
    facts.append("bcd", nil)
    facts.append("ef", "2\r")
    #expect(facts.lines == ["  a   1", "  ef  2\\u000d"])
  }
}
