/// A list of the admin door, put together from its pieces.
struct AdminList {
  /// As the door gives them, with fields that this program does not know.
  var items: [JSONValue] = []
  /// Other members of the first piece.
  var rest: [String: JSONValue] = [:]
  /// What the list goes on with; nil at its end.
  var cursor: String?

  func read<Item: Decodable>(as type: Item.Type = Item.self) throws -> [Item] { try items.map { try $0.read() } }

  /// One object as the door's, with all items.
  func json(_ name: String) throws -> String {
    var members = rest
    members[name] = .array(items)
    members["cursor"] = cursor.map(JSONValue.string)
    return try JSONValue.object(members).jsonLine()
  }
}

extension AdminDoor {
  static let largestPiece = 1000

  /// Asks for pieces until there are as many items as wanted, or no more.
  ///
  /// - Parameters:
  ///   - name: The member of the answer that holds the items.
  ///   - wanted: The most to have; nil: all.
  func list(_ path: String, name: String, query: Query = [], wanted: Int? = nil) async throws -> AdminList {
    var list = AdminList()
    list.cursor = try await walk(path, name: name, query: query, wanted: wanted) { items, rest in
      if list.items.isEmpty { list.rest = rest }
      list.items += items
    }
    return list
  }

  /// The same, piece by piece.
  ///
  /// - Parameter take: Is given the items of a piece, and its other members.
  /// - Returns: What the list goes on with; nil at its end.
  @discardableResult
  func walk(
    _ path: String, name: String, query: Query = [], wanted: Int? = nil,
    take: ([JSONValue], [String: JSONValue]) throws -> Void
  ) async throws -> String? {
    var (cursor, count): (String?, Int) = (nil, 0)
    repeat {
      let left = wanted.map { $0 - count } ?? Self.largestPiece
      var asked = query + [("limit", String(min(left, Self.largestPiece)))]
      if let cursor { asked.append(("cursor", cursor)) }
      let answer = try await get("v1", path, query: asked)
      guard case .object(var members) = try answer.read(as: JSONValue.self),
        let items = members.removeValue(forKey: name)?.items
      else { throw AdminAnswer.strange(address) }
      let next = members.removeValue(forKey: "cursor")?.text
      // The same place again would be so for ever.
      guard next == nil || next != cursor else { throw AdminAnswer.strange(address) }
      try take(items, members)
      (cursor, count) = (next, count + items.count)
    } while cursor != nil && count < wanted ?? .max
    return cursor
  }
}

extension AdminAnswer {
  /// A list, or an item of one, that does not read as it should.
  static func strange(_ address: AdminAddress) -> AdminDoorError {
    .strange(
      "\(address) answered with something that this program does not understand; give the gateway the version of this "
        + "program, \(Product.version)")
  }
}

extension AdminDoor {
  /// Reads parts of an answer.
  ///
  /// - Throws: `AdminDoorError` if they are not what they should be.
  func reading<Value>(_ read: () throws -> Value) throws -> Value {
    do {
      return try read()
    } catch is DecodingError {
      throw AdminAnswer.strange(address)
    }
  }
}
