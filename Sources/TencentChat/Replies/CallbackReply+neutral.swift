extension CallbackReply {
  /// The member of an item that names the account it is about.
  private static let accountKey: JSONKey = "To_Account"

  /// What a command is answered when nobody decides about it.
  static func neutral(_ reply: CatalogueEntry.ReplyForm, to body: CallbackBody) throws(JSONSyntaxError) -> [UInt8] {
    switch reply {
    case .errorCode: return ok
    case .resultForEachAccount(let field):
      let rule = DerivationRule(batchField: field, sources: [.to: .item(accountKey)])
      return okForEach(try EventCutter(rule, body: body).cut().events, of: body)
    }
  }

  /// Accounts are repeated as they came. An item without one has nothing that an answer could be about.
  private static func okForEach(_ items: [EventValues], of body: CallbackBody) -> [UInt8] {
    let accounts = items.map { $0[.to] }.filter { !$0.isEmpty && body.type(of: $0) == .string }
    let results = accounts.map {
      Array(#"{"To_Account":"#.utf8) + body.bytes[$0] + Array(#","ResultCode":0,"ResultInfo":""}"#.utf8)
    }
    return ok.dropLast() + Array(#","ResultItem":["#.utf8) + results.joined(separator: [ASCII.comma])
      + Array("]}".utf8)
  }
}
