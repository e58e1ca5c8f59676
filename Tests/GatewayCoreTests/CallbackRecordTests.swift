import GatewayCore
import Testing

@Suite("A callback record")
struct CallbackRecordTests {
  @Test(
    "reads back as it was, line feeds in the body included",
    arguments: [nil, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
  func roundTrip(traceparent: String?) {
    let record = CallbackRecord(
      query: "SdkAppid=1&CallbackCommand=a", peer: "2001:db8::1", traceparent: traceparent,
      body: Array("{\n\"a\":\n1}\n".utf8))
    #expect(CallbackRecord(decoding: record.encoded()) == record)
  }

  @Test("is not read from what has fewer than three lines")
  func damaged() { #expect(CallbackRecord(decoding: Array("a\nb".utf8)) == nil) }
}
