import OrderedCollections

extension CallbackBody {
  /// The command that the body names; nil if it names none.
  package var command: String? {
    let texts = values(of: Self.commandKey).lazy.compactMap(string)
    return texts.first { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether each `CallbackCommand` in the body is this one; true as well if there is none. An empty one names nothing.
  func agrees(on command: String) -> Bool {
    values(of: Self.commandKey).lazy.map(string).allSatisfy { text in
      text.map { $0.isEmpty || $0.elementsEqual(command.utf8) } ?? false
    }
  }

  /// The commands that the items of an array of the top level name, each once, in order.
  func commands(ofItemsIn field: JSONKey) throws(JSONSyntaxError) -> [String] {
    let rule = DerivationRule(batchField: field, sources: [.subject: .item(Self.commandKey)])
    let names = try EventCutter(rule, body: self).cut().events.lazy
      .map { $0[.subject] }.filter { !$0.isEmpty }.compactMap(string)
    return OrderedSet(names).filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  private func string(_ value: ByteRange) -> [UInt8]? { type(of: value) == .string ? text(of: value) : nil }
}
