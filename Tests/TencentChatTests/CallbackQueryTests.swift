import GatewayCore
import TencentChat
import Testing

@Suite struct CallbackQueryTests {
  @Test("The parameters that Tencent sends are found")
  func parameters() {
    let query = CallbackQuery(
      "CallbackCommand=Sns.CallbackFriendAdd&ClientIP=203.0.113.7&OptPlatform=iOS&RequestId=ab-1&RequestTime=1669872112"
        + "&SdkAppid=1400000001&Sign=17ab&contenttype=json")
    #expect(query.appID == AppID(rawValue: 1_400_000_001))
    #expect(query.command == "Sns.CallbackFriendAdd")
    #expect(query.requestID == "ab-1")
    #expect(query.signature == "17ab")
    #expect(query.requestTime == "1669872112")
    #expect(query.clientIP == "203.0.113.7")
    #expect(query.platform == "iOS")
  }

  @Test("Keys match in any case", arguments: ["RequestId", "RequestID", "requestid", "REQUESTID"])
  func caseOfKeys(key: String) {
    #expect(CallbackQuery("a=b&\(key)=x-1").requestID == "x-1")
  }

  @Test("Percent escapes are decoded, a plus and a broken escape stay")
  func escapes() {
    #expect(CallbackQuery("OptPlatform=a%20b%2Bc+d").platform == "a b+c+d")
    #expect(CallbackQuery("OptPlatform=%E4%BD%A0").platform == "你")
    #expect(CallbackQuery("OptPlatform=100%").platform == "100%")
    #expect(CallbackQuery("OptPlatform=%zz%4").platform == "%zz%4")
    #expect(CallbackQuery("OptPlatform=%FF").platform == "\u{FFFD}")
    #expect(CallbackQuery("%53dkAppid=5").appID == AppID(rawValue: 5))
  }

  @Test("The first value that is not empty counts")
  func repeatedKeys() {
    #expect(CallbackQuery("SdkAppid=1&sdkappid=2").appID == AppID(rawValue: 1))
    #expect(CallbackQuery("RequestId=&RequestID=x").requestID == "x")
    #expect(CallbackQuery("SdkAppid=x&SdkAppid=2").appID == nil)
  }

  @Test("An empty value and a key without one are no value")
  func emptyValues() {
    #expect(CallbackQuery("RequestId=").requestID == nil)
    #expect(CallbackQuery("RequestId").requestID == nil)
    #expect(CallbackQuery("").command == nil)
  }

  @Test(
    "The two credentials go and all else stays as it was",
    arguments: [
      ("a=1&Sign=x&b=%41&RequestTime=2&c", "a=1&b=%41&c"), ("Sign=x", ""), ("Sign=x&b", "b"), ("b&sign=x", "b"),
      ("a&&SIGN=x&&b", "a&&&b"), ("Sign=1&Sign=2&Z=1&requesttime", "Z=1"), ("%53ign=x&a=%zz", "a=%zz"), ("", ""),
      ("&", "&"), ("Signed=x&aSign=x", "Signed=x&aSign=x"), ("b=2&a=1&SdkAppid=3", "b=2&a=1&SdkAppid=3"),
    ])
  func withoutCredentials(raw: String, kept: String) {
    #expect(CallbackQuery(raw).withoutCredentials == kept)
  }

  @Test("Garbage is read without harm")
  func garbage() {
    var generator = SplitMix64(seed: 11)
    let alphabet = Array("=&%+;#?/ \u{0}SignRequestTimeé你0Aa".unicodeScalars)
    for _ in 0..<2_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        text.append(alphabet.randomElement(using: &generator) ?? "x")
      }
      let query = CallbackQuery(String(text))
      let again = CallbackQuery(query.withoutCredentials)
      #expect(again.signature == nil && again.requestTime == nil)
      #expect(again.withoutCredentials == query.withoutCredentials)
    }
  }
}
