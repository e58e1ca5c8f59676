/// Makes up callbacks of one command, of the shape that Tencent documents.
package struct CallbackTemplate: Sendable {
  /// Where a body names its command.
  enum NamePlace: Sendable {
    case body
    /// In each item of `EventCatalogue.itemsNamingCommand`.
    case items
    /// In the query alone.
    case query
  }

  typealias Fields = [String: OutgoingJSON]

  package let command: String
  private let make: @Sendable (CallbackScene) -> [UInt8]

  private init(command: String, make: @escaping @Sendable (CallbackScene) -> [UInt8]) {
    self.command = command
    self.make = make
  }

  /// - Parameter fields: The body's members besides its command, but for items: those name the command themselves.
  init(
    _ command: String, names place: NamePlace = .body, fields: @escaping @Sendable (CallbackScene) -> Fields
  ) {
    self.init(command: command) { scene in
      var members = fields(scene)
      if place == .body { members["CallbackCommand"] = .string(command) }
      var json: [UInt8] = []
      OutgoingJSON.object(members).append(to: &json)
      return json
    }
  }

  /// One of a list with a pair for each account.
  init(_ command: PairCommand) {
    let isFriendAdd = command == .friendAdd
    self.init(command: command.rawValue) { scene in
      let pairs = scene.to.map {
        CallbackPair(from: scene.from, to: $0, initiator: isFriendAdd ? scene.from : nil)
      }
      let friending = isFriendAdd ? PairCallback.Friending(admin: "", isForced: true) : nil
      return PairCallback(command, pairs: pairs, friending: friending).body
    }
  }

  /// The body's JSON.
  package func body(_ scene: CallbackScene) -> [UInt8] { make(scene) }
}

extension CallbackTemplate {
  /// One for each row of the catalogue.
  package static let all: [CallbackTemplate] =
    relationships + users + messages + groups + groupMessages + topics + others + calls + officialAccounts

  private static let byCommand = Dictionary(uniqueKeysWithValues: all.map { ($0.command, $0) })

  package static func template(for command: String) -> CallbackTemplate? { byCommand[command] }
}
