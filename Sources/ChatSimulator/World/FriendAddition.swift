/// What `friend_add` is asked for.
package struct FriendAddition: Hashable, Sendable {
  package enum AddType: String, Hashable, Sendable, CaseIterable {
    /// Only the friend list of whoever asks.
    case single = "Add_Type_Single"
    case both = "Add_Type_Both"
  }

  package struct Item: Hashable, Sendable {
    package var account: AccountID
    /// `AddSource_Type_` and what follows it.
    package var source: String

    package init(_ account: AccountID, source: String = "AddSource_Type_Any") {
      self.account = account
      self.source = source
    }

    private static let sourcePrefix = "AddSource_Type_"
    private static let maxSourceLetters = 8

    /// Whether the source is the prefix with 1 to 8 letters behind it.
    var hasGoodSource: Bool {
      guard source.hasPrefix(Self.sourcePrefix) else { return false }
      let word = source.utf8.dropFirst(Self.sourcePrefix.utf8.count)
      let isLetters = word.allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
      return isLetters && (1...Self.maxSourceLetters).contains(word.count)
    }
  }

  package var from: AccountID
  package var items: [Item]
  package var type = AddType.both
  /// Whether an administrator wants it whatever the other side's setting is.
  package var isForced = false

  package init(from: AccountID, items: [Item], type: AddType = .both, isForced: Bool = false) {
    self.from = from
    self.items = items
    self.type = type
    self.isForced = isForced
  }
}
