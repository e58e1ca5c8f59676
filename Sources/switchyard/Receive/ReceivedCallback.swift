import TencentChat

/// What `receive` shows of a callback that was sent on as Tencent sent it.
struct ReceivedCallback: Sendable {
  let command: String
  /// The list that the command is known to have, and the number of its items; nil if there is none.
  let list: (field: String, count: Int)?
  /// On one line, as an event's.
  let json: String

  /// Nil for an object that is none: neither it nor the query names a command.
  init?(_ object: [String: Any], query: String, json: String) {
    let named = CallbackQuery(query).command ?? object[CallbackBody.commandKey.description] as? String
    guard let command = named, !command.isEmpty else { return nil }
    self.command = command
    self.json = json
    let field = EventCatalogue.entry(for: command).flatMap(Self.list)?.description
    list = field.flatMap { field in (object[field] as? [Any]).map { (field, $0.count) } }
  }

  /// `callback Sns.CallbackBlackListAdd, 3 in PairList`.
  var text: String {
    ["callback \(command)", list.map { "\($0.count) in \($0.field)" }].compactMap(\.self).joined(separator: ", ")
  }

  private static func list(of entry: CatalogueEntry) -> JSONKey? {
    switch entry.replyForm {
    case .errorCode: entry.rule.batchField
    case .resultForEachAccount(let field): field
    }
  }
}
