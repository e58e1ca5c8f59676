import Foundation

/// Packets as Tencent documents them or as integrators logged them.
enum Sample {
  static let names = [
    "C2C.CallbackBeforeSendMsg", "Group.CallbackAfterNewMemberJoin", "Sns.CallbackBlackListAdd",
    "Sns.CallbackBlackListDelete", "Sns.CallbackFriendAdd", "Sns.CallbackFriendDelete", "Sns.CallbackPrevFriendAdd",
    "Sns.CallbackPrevFriendResponse", "State.StateChange",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Samples")
    return Array(try Data(contentsOf: folder.appending(path: name + ".json")))
  }
}
