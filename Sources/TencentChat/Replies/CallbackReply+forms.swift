extension CallbackReply {
  /// What a command is answered that lets the thing happen: when nobody decides, or a decider fails that may.
  static func neutral(_ form: CatalogueEntry.ReplyForm, to body: CallbackBody) throws(JSONSyntaxError) -> [UInt8] {
    switch form {
    case .errorCode: ok
    case .resultForEachAccount(let field): try okForEach(in: field, of: body, result: allowed)
    }
  }

  /// What a command is answered that does not let the thing happen, because the decider failed.
  static func denial(_ form: CatalogueEntry.ReplyForm, to body: CallbackBody) throws(JSONSyntaxError) -> [UInt8] {
    switch form {
    case .errorCode: denied
    case .resultForEachAccount(let field): try okForEach(in: field, of: body, result: deniedAccount)
    }
  }

  /// The member of an item that names the account it is about.
  private static let accountKey: JSONKey = "To_Account"

  private static let allowed = Array(#","ResultCode":0,"ResultInfo":""}"#.utf8)
  /// The first code of those that Tencent keeps for the app's own reasons here, 38000 to 39000.
  private static let deniedAccount = Array(#","ResultCode":38000,"ResultInfo":"not decided"}"#.utf8)
  static let denied = Array(#"{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"not decided"}"#.utf8)

  /// Accounts are repeated as they came. An item without one has nothing that an answer could be about.
  private static func okForEach(in field: JSONKey, of body: CallbackBody, result: [UInt8])
    throws(JSONSyntaxError) -> [UInt8]
  {
    let rule = DerivationRule(batchField: field, sources: [.to: .item(accountKey)])
    let accounts = try EventCutter(rule, body: body).cut().events.map { $0[.to] }
      .filter { !$0.isEmpty && body.type(of: $0) == .string }
    let results = accounts.map { Array(#"{"To_Account":"#.utf8) + body.bytes[$0] + result }
    return ok.dropLast() + Array(#","ResultItem":["#.utf8) + results.joined(separator: [ASCII.comma])
      + Array("]}".utf8)
  }
}
