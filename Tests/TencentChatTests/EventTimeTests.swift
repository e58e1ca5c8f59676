import GatewayCore
import TencentChat
import Testing

@Suite struct EventTimeTests {
  @Test("Seconds and milliseconds are told by their size")
  func units() {
    #expect(EventTime.moment(of: Array("1670574414".utf8)) == Timestamp(seconds: 1_670_574_414))
    #expect(EventTime.moment(of: Array("1670574414123".utf8)) == Timestamp(milliseconds: 1_670_574_414_123))
    #expect(EventTime.moment(of: Array("946684800".utf8)) == Timestamp(seconds: 946_684_800))
    #expect(EventTime.moment(of: Array("4102444799999".utf8)) == Timestamp(milliseconds: 4_102_444_799_999))
  }

  @Test(
    "What is no moment of this century is none",
    arguments: [
      "", "0", "-1670574414", "1670574414.5", "1e9", "946684799", "4102444800", "946684799999", "4102444800000",
      "1670574414123456", "99999999999999999999", "yesterday", " 1670574414",
    ])
  func implausible(text: String) {
    #expect(EventTime.moment(of: Array(text.utf8)) == nil)
  }
}
