import GatewayCore
import OpenSSLSigner
import TencentChat
import Testing

@Suite("An outgoing query")
struct OutgoingQueryTests {
  private let appID = AppID(rawValue: 1_400_000_000)
  private let requestID = "00000000-0000-4000-8000-000000000001"

  @Test("has Tencent's keys in ASCII order")
  func unsigned() {
    let query = OutgoingQuery(appID: appID, command: "Sns.CallbackFriendAdd", token: nil, digest: OpenSSLDigest())
    #expect(
      query.text(requestID: requestID, now: Timestamp(seconds: 1_669_872_112)) == """
        CallbackCommand=Sns.CallbackFriendAdd&ClientIP=127.0.0.1&OptPlatform=RESTAPI&RequestId=\(requestID)\
        &SdkAppid=1400000000&contenttype=json
        """)
  }

  @Test("is signed by Tencent's published example")
  func signed() {
    let query = OutgoingQuery(
      appID: appID, command: "A b&c", clientIP: "2001:db8::7", token: Secret("xxxxyyyy"), digest: OpenSSLDigest())
    #expect(
      query.text(requestID: requestID, now: Timestamp(seconds: 1_669_872_112)) == """
        CallbackCommand=A%20b%26c&ClientIP=2001%3Adb8%3A%3A7&OptPlatform=RESTAPI&RequestId=\(requestID)\
        &RequestTime=1669872112&SdkAppid=1400000000\
        &Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&contenttype=json
        """)
  }

  @Test("leaves out the client where Tencent does, and lets no request id pass for more")
  func withoutClient() {
    func text(_ command: String) -> String {
      OutgoingQuery(appID: appID, command: command, token: nil, digest: OpenSSLDigest())
        .text(requestID: "a&b", now: Timestamp(seconds: 1))
    }
    #expect(
      text("Push.OfflinePush")
        == "CallbackCommand=Push.OfflinePush&RequestId=a%26b&SdkAppid=1400000000&contenttype=json")
    #expect(text("ContentCallback.ResultNotify").hasPrefix("CallbackCommand=ContentCallback.ResultNotify&RequestId="))
    #expect(text("Alert.RequestOverLimit").contains("=Alert.RequestOverLimit&OptPlatform=RESTAPI&RequestId="))
  }
}
