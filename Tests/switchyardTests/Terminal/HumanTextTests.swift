import GatewayCore
import Testing

@testable import switchyard

@Suite("Figures for a person")
struct HumanTextTests {
  @Test(
    "are exact, in groups of three",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func counts(number: Int, text: String) {
    #expect(HumanText.count(number) == text)
  }

  @Test("count one thing and several")
  func nouns() {
    #expect(HumanText.count(1, "event") == "1 event")
    #expect(HumanText.count(2000, "event") == "2,000 events")
  }

  @Test(
    "have sizes in the unit that fits",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_576, "1.0 MiB"), (5 << 40, "5.0 TiB"),
      (1 << 62, "4194304.0 TiB"),
    ])
  func sizes(bytes: Int, text: String) {
    #expect(HumanText.size(bytes) == text)
  }

  @Test(
    "have durations in the unit that fits",
    arguments: [(0, "0 ms"), (0.0123, "12 ms"), (0.9996, "1.0 s"), (99.9, "99.9 s"), (100, "100 s"), (300, "5 m")])
  func durations(seconds: Double, text: String) {
    #expect(HumanText.duration(seconds: seconds) == text)
  }

  @Test(
    "say how long ago",
    arguments: [
      (0, "now"), (999, "now"), (1000, "1 s ago"), (60_000, "1 m ago"), (119_000, "119 s ago"), (180_000, "3 m ago"),
      (7_200_000, "2 h ago"), (-172_800_000, "in 2 d"), (Int64.max / 2, "53375995583 d ago"),
    ])
  func relative(ago: Int64, text: String) {
    let now = Timestamp(milliseconds: 0)
    #expect(HumanText.relative(Timestamp(milliseconds: -ago), now: now) == text)
  }

  @Test("pass on what is no time as it came")
  func oddTimes() {
    #expect(HumanText.relative("soon", now: .now()) == "soon")
    #expect(HumanText.relative(nil, now: .now()) == nil)
  }

  @Test(
    "never call nearly all all",
    arguments: [(1, "100 %"), (0.9999999, "99.9 %"), (0.5, "50.0 %"), (0, "0.0 %")])
  func shares(ratio: Double, text: String) {
    #expect(HumanText.share(ratio) == text)
  }

  @Test(
    "have rates",
    arguments: [
      (0, "0.0/s"), (999.94, "999.9/s"), (12_345.6, "12,346/s"), (Double.infinity, "1,000,000,000,000,000/s"),
    ])
  func rates(perSecond: Double, text: String) {
    #expect(HumanText.rate(perSecond) == text)
  }
}
