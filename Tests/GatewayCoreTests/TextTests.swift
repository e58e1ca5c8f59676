import GatewayCore
import Testing

@Suite("What operators write")
struct TextTests {
  @Test(
    "reads durations and writes them back",
    arguments: [
      ("1500ms", 1500), ("10s", 10_000), ("2m", 120_000), ("72h", 259_200_000), ("7d", 604_800_000), ("0s", 0),
    ])
  func durations(text: String, milliseconds: Int64) {
    #expect(Duration(text: text)?.milliseconds == milliseconds)
    #expect(Duration(text: Duration(text: text)!.text)?.milliseconds == milliseconds)
  }

  @Test("refuses what is no duration", arguments: ["", "10", "s", "-1s", "1.5s", "10 s", "10sec", "99999999999999d"])
  func badDurations(text: String) { #expect(Duration(text: text) == nil) }

  @Test(
    "reads sizes", arguments: [("64KiB", 65_536), ("256MiB", 268_435_456), ("10GB", 10_000_000_000), ("4096", 4096)])
  func sizes(text: String, bytes: Int) { #expect(ByteSize(text: text)?.bytes == bytes) }

  @Test("refuses what is no size", arguments: ["", "MiB", "-1", "1.5MiB", "10 MiB", "9223372036854775807TiB"])
  func badSizes(text: String) { #expect(ByteSize(text: text) == nil) }

  @Test(
    "writes moments as RFC 3339 with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_795_206_960_123, "2026-11-20T20:36:00.123Z"),
      (951_827_696_789, "2000-02-29T12:34:56.789Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func moments(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
  }

  @Test("writes any moment at all")
  func extremes() {
    #expect(Timestamp(milliseconds: .min).description == "0001-01-01T00:00:00.000Z")
    #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
  }

  @Test("reads RFC 3339 with an offset and without a fraction")
  func offsets() {
    #expect(Timestamp("2026-11-20T21:36:00+01:00")?.description == "2026-11-20T20:36:00.000Z")
    #expect(Timestamp("yesterday") == nil)
  }

  @Test("never shows a secret by accident")
  func secrets() {
    let secret = Secret("whsec_abc")
    #expect("\(secret)" == "•••")
    #expect(String(reflecting: secret) == "•••")
    #expect(!"\([secret])".contains("abc"))
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("abc"))
  }
}
