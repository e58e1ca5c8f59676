import TencentChat

extension RelationshipCall {
  /// What one call may name.
  package static let maxAccounts = 1000

  /// - Parameter deleteType: What a deletion is that does not say.
  /// - Throws: Why the whole call is refused.
  init(_ command: RESTCommand, _ body: RequestObject, deleteType: DeleteType) throws(RESTError) {
    let from = try body.account("From_Account")
    guard from.isWellFormed else { throw .badParameters("From_Account must have 1 to \(AccountID.maxBytes) bytes") }
    switch command {
    case .blackListAdd: self = .blackListAdd(from: from, to: try Self.accounts(body))
    case .blackListDelete: self = .blackListDelete(from: from, to: try Self.accounts(body))
    case .friendDelete:
      let type: DeleteType? = try Self.choice("DeleteType", body)
      self = .friendDelete(from: from, to: try Self.accounts(body), type ?? deleteType)
    case .friendAdd: self = .friendAdd(try Self.addition(from, body))
    }
  }

  private static func accounts(_ body: RequestObject) throws(RESTError) -> [AccountID] {
    let accounts = try body.accounts("To_Account")
    try check(count: accounts.count, of: "To_Account")
    return accounts
  }

  private static func addition(_ from: AccountID, _ body: RequestObject) throws(RESTError) -> FriendAddition {
    let objects = try body.objects("AddFriendItem")
    try check(count: objects.count, of: "AddFriendItem")
    let items = try objects.map { object throws(RESTError) in
      for name in ["Remark", "GroupName", "AddWording"] as [JSONKey] { _ = try object.string(name) }
      guard let source = try object.string("AddSource") else { throw .badParameters("AddSource is missing") }
      return FriendAddition.Item(try object.account("To_Account"), source: source)
    }
    let type: FriendAddition.AddType? = try choice("AddType", body)
    let flags = try body.integer("ForceAddFlags") ?? 0
    guard (0...1).contains(flags) else { throw .badParameters("ForceAddFlags must be 0 or 1") }
    return FriendAddition(from: from, items: items, type: type ?? .both, isForced: flags == 1)
  }

  private static func check(count: Int, of field: String) throws(RESTError) {
    guard (1...maxAccounts).contains(count) else {
      throw .badParameters("\(field) must have 1 to \(maxAccounts) entries")
    }
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: JSONKey, _ body: RequestObject
  ) throws(RESTError) -> Choice? {
    guard let text = try body.string(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw .badParameters("\(name) must be \(Choice.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    return choice
  }
}
