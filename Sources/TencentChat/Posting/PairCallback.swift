/// A callback that carries pairs of accounts, ready to be posted.
package struct PairCallback: Hashable, Sendable {
  /// What a callback of new friends says beside its pairs.
  package struct Friending: Hashable, Sendable {
    /// Whose doing it was, if an administrator's.
    package var admin: String
    /// Whether an administrator forced it.
    package var isForced: Bool

    package init(admin: String, isForced: Bool) {
      self.admin = admin
      self.isForced = isForced
    }
  }

  /// What `ClientCmd` says of a friendship that was asked for, not consented to.
  private static let clientCommand = "friend_add"

  package var command: PairCommand
  package var pairs: [CallbackPair]
  /// Only `friendAdd` has it.
  package var friending: Friending?

  package init(_ command: PairCommand, pairs: [CallbackPair], friending: Friending? = nil) {
    self.command = command
    self.pairs = pairs
    self.friending = friending
  }

  /// Compact and with sorted keys, as captures show Tencent's.
  package var body: [UInt8] {
    var json = [ASCII.leftBrace]
    if let friending { json += Array(#""Admin_Account":"#.utf8) + JSONString.literal(friending.admin) + [ASCII.comma] }
    json += Array(#""CallbackCommand":"\#(command.rawValue)""#.utf8)
    if let friending {
      json += Array(#","ClientCmd":"\#(Self.clientCommand)","ForceFlag":\#(friending.isForced ? 1 : 0)"#.utf8)
    }
    json += Array(#","PairList":["#.utf8)
    for (index, pair) in pairs.enumerated() {
      if index > 0 { json.append(ASCII.comma) }
      pair.append(to: &json)
    }
    return json + Array("]}".utf8)
  }
}
