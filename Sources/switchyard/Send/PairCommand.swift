import Foundation

/// The commands whose callback `send` can make up: those that carry pairs of accounts.
enum PairCommand: String, CaseIterable, Sendable {
  case friendAdd = "Sns.CallbackFriendAdd"
  case friendDelete = "Sns.CallbackFriendDelete"
  case blackListAdd = "Sns.CallbackBlackListAdd"
  case blackListDelete = "Sns.CallbackBlackListDelete"

  /// The body, compact and with sorted keys, as captures show Tencent's.
  func body(from: String, to accounts: [String]) throws -> [UInt8] {
    let isFriendAdd = self == .friendAdd
    let pairs = accounts.map {
      CallbackPair(From_Account: from, Initiator_Account: isFriendAdd ? from : nil, To_Account: $0)
    }
    let callback = PairCallback(
      Admin_Account: isFriendAdd ? "" : nil, CallbackCommand: rawValue, ClientCmd: isFriendAdd ? "friend_add" : nil,
      ForceFlag: isFriendAdd ? 1 : nil, PairList: pairs)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(callback))
  }
}

// The names are Tencent's own.

private struct PairCallback: Encodable {
  var Admin_Account: String?
  var CallbackCommand: String
  var ClientCmd: String?
  var ForceFlag: Int?
  var PairList: [CallbackPair]
}

private struct CallbackPair: Encodable {
  var From_Account: String
  var Initiator_Account: String?
  var To_Account: String
}
