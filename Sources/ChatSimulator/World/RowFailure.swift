/// Why one row of a call fails.
///
/// The codes are Tencent's. Of the texts, Tencent's documents print those of `alreadyThere` and `foreignAccount`, and two
/// for `internalError`; the others are ours, made after the same pattern.
package enum RowFailure: Hashable, Sendable {
  /// The account is on that list already.
  case alreadyThere
  /// The account is not on the list that it is to be taken from.
  case notThere
  case oneself
  case badAccount
  case badSource
  case foreignAccount
  case unknownAccount
  case internalError
  case ownFriendListFull
  case peerFriendListFull
  case blockListFull
  case blockedPeer
  case blockedByPeer
  case refusedByPeer
  case needsConfirmation
  case notFriends
  /// Any other, made to order.
  case ordered(code: Int)

  /// The failure that a code alone stands for.
  package init(code: Int) { self = Self.byCode[code] ?? .ordered(code: code) }

  package var code: Int {
    switch self {
    case .alreadyThere, .notThere, .oneself, .badAccount, .badSource: 30001
    case .foreignAccount: 30002
    case .unknownAccount: 30003
    case .internalError: 30006
    case .ownFriendListFull: 30010
    case .blockListFull: 30013
    case .peerFriendListFull: 30014
    case .blockedPeer: 30515
    case .refusedByPeer: 30516
    case .blockedByPeer: 30525
    case .needsConfirmation: 30539
    case .notFriends: 31704
    case .ordered(let code): code
    }
  }

  /// What `ResultInfo` says.
  package func text(in command: RESTCommand) -> String {
    if self == .internalError {
      // Printed in samples.
      switch command {
      case .blackListDelete: return "Err_SNS_BlackListCheck_Check_Reverse_BlackList_Fail"
      case .friendAdd: return "Err_SNS_FriendAdd_Unpack_Profile_Data_Fail"
      case .blackListAdd, .friendDelete: break
      }
    }
    return "Err_SNS_\(command.errorWord)_\(word)"
  }

  private var word: String {
    switch self {
    case .alreadyThere: "Already_Exist"
    case .foreignAccount: "SdkAppId_Illegal"
    case .notThere: "Not_Exist"
    case .oneself: "To_Account_Is_Self"
    case .badAccount: "To_Account_Illegal"
    case .badSource: "AddSource_Illegal"
    case .unknownAccount: "Account_Not_Exist"
    case .internalError: "Internal_Fail"
    case .ownFriendListFull: "Friend_List_Full"
    case .peerFriendListFull: "Peer_Friend_List_Full"
    case .blockListFull: "BlackList_Full"
    case .blockedPeer: "Peer_In_BlackList"
    case .blockedByPeer: "In_Peer_BlackList"
    case .refusedByPeer: "Peer_Deny_Any"
    case .needsConfirmation: "Need_Confirm"
    case .notFriends: "Not_Friend"
    case .ordered(30007): "Timeout"
    case .ordered(30008): "Write_Conflict"
    case .ordered(let code): "Fail_\(code)"
    }
  }

  private static let byCode: [Int: RowFailure] = Dictionary(
    uniqueKeysWithValues: [
      .alreadyThere, .foreignAccount, .unknownAccount, .internalError, .ownFriendListFull, .blockListFull,
      .peerFriendListFull, .blockedPeer, .refusedByPeer, .blockedByPeer, .needsConfirmation, .notFriends,
    ].map { (failure: RowFailure) in (failure.code, failure) })
}
