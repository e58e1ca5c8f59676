package import TencentChat

/// The calls that there are.
package enum RESTCommand: String, CaseIterable, Hashable, Sendable {
  case blackListAdd = "black_list_add"
  case blackListDelete = "black_list_delete"
  case friendAdd = "friend_add"
  case friendDelete = "friend_delete"

  static let pathPrefix = "/v4/sns/"

  /// - Parameter path: Of the request, without a query.
  init?(path: String) {
    guard path.hasPrefix(Self.pathPrefix) else { return nil }
    self.init(rawValue: String(path.dropFirst(Self.pathPrefix.count)))
  }

  /// The callback that tells of what the call has changed.
  package var callback: PairCommand {
    switch self {
    case .blackListAdd: .blackListAdd
    case .blackListDelete: .blackListDelete
    case .friendAdd: .friendAdd
    case .friendDelete: .friendDelete
    }
  }

  /// The word in `Err_SNS_…`.
  var errorWord: String {
    switch self {
    case .blackListAdd: "BlackListAdd"
    case .blackListDelete: "BlackListDelete"
    case .friendAdd: "FriendAdd"
    case .friendDelete: "FriendDelete"
    }
  }

  /// Whether a reply has `Fail_Account`: the document of `friend_delete` does not list it.
  var listsFailedAccounts: Bool { self != .friendDelete }
}
