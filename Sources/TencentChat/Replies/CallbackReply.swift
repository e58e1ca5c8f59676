/// The JSON bodies that Tencent is answered with.
package enum CallbackReply {
  package static let ok = Array(#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#.utf8)

  /// - Parameter sentence: what is wrong, for whoever reads Tencent's log of failed callbacks.
  package static func fail(_ sentence: String) -> [UInt8] {
    Array(#"{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"#.utf8) + JSONString.literal(sentence)
      + [ASCII.rightBrace]
  }
}
