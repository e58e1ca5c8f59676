import GatewayCore
import Testing

@Suite("A callback record")
struct CallbackRecordTests {
  private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test(
    "reads back as it was, line feeds in the body included",
    arguments: [nil, trace], [Via(), Via([mark]), Via([mark, mark])])
  func roundTrip(traceparent: String?, via: Via) {
    for decision in [nil, Array("{\n\"ErrorCode\":0}\n\n".utf8), []] {
      let record = CallbackRecord(
        query: "SdkAppid=1&CallbackCommand=a", peer: "2001:db8::1", traceparent: traceparent, via: via,
        decision: decision, body: Array("{\n\"a\":\n1}\n".utf8))
      #expect(CallbackRecord(decoding: record.encoded()) == record)
    }
  }

  private static let mark = "0123456789abcdef0123456789abcdef"

  @Test("is not read where the decision is longer than what is there", arguments: ["3", "-1", "", "x", "1 1"])
  func damagedDecision(length: String) {
    #expect(CallbackRecord(decoding: Array("a=1\n::1\n  \(length)\n{}".utf8)) == nil)
  }

  @Test("without marks is written as before there were any, and what was written then is read", arguments: ["", trace])
  func withoutMarks(traceparent: String) throws {
    let written = Array("a=1\n::1\n\(traceparent)\n{}".utf8)
    let record = try #require(CallbackRecord(decoding: written))
    #expect(record.traceparent ?? "" == traceparent)
    #expect(record.via.isEmpty)
    #expect(record.body == Array("{}".utf8))
    #expect(record.encoded() == written)
  }

  @Test("is not read from what has fewer than three lines")
  func damaged() { #expect(CallbackRecord(decoding: Array("a\nb".utf8)) == nil) }
}
