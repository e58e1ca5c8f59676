import GatewayCore
import Testing

@Suite("The gateways that have sent a callback on")
struct ViaTests {
  @Test(
    "are read from one list or several, in order",
    arguments: [
      ([], ""), ([""], ""), (["a"], "a"), (["a,b"], "a,b"), (["a , b", "\tc "], "a,b,c"), ([",, a,,"], "a"),
    ] as [([String], String)])
  func reading(values: [String], text: String) { #expect(Via(values).text == text) }

  @Test(
    "leave out what is no mark",
    arguments: ["a b", "a;b", "é", "\"a\"", "a\u{7F}", String(repeating: "a", count: 65)])
  func malformed(element: String) {
    #expect(GatewayMark(rawValue: element) == nil)
    #expect(Via(["x, \(element), y"]).text == "x,y")
  }

  @Test("are read as far as the limit")
  func limit() throws {
    let via = Via([(0..<100).map { "mark-\($0)" }.joined(separator: ", ")])
    #expect(via.marks.count == Via.limit)
    #expect(via.isFull)
    #expect(!Via(["a"]).isFull)
  }

  @Test("get one more behind the others")
  func adding() throws {
    let mark = try #require(GatewayMark(rawValue: "b"))
    #expect(!Via(["a"]).contains(mark))
    #expect(Via(["a"]).adding(mark).contains(mark))
    #expect(Via(["a"]).adding(mark).text == "a,b")
  }
}
