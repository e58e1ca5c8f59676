import Foundation
import FuzzDriver
import TencentChat

/// What Tencent is answered is JSON that says OK.
enum ReplyCheck {
  static func check(_ read: ReadCallback) {
    let reply = FoundationJSON.value(of: read.reply) as? [String: Any]
    require(reply?["ActionStatus"] as? String == "OK" && reply?["ErrorCode"] as? Int == 0, "the reply says OK")
    for item in reply?["ResultItem"] as? [Any] ?? [] {
      let item = item as? [String: Any]
      require(item?["To_Account"] is String && item?["ResultCode"] as? Int == 0, "each account gets a result")
    }
    guard let question = read.question else { return }
    let denial = FoundationJSON.value(of: question.denial) as? [String: Any]
    require(denial?["ErrorCode"] as? Int == 1 || denial?["ResultItem"] is [Any], "a denial is one")
  }
}
