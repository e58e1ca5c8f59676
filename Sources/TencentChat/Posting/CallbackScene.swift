package import GatewayCore

/// What a made-up callback is filled with: who does it, to whom, where and when.
package struct CallbackScene: Hashable, Sendable {
  package var app: AppID
  /// The account that does it; of an official account's callback, that account.
  package var from: String
  /// Whom it is done to, at least one: an item each where the command has a list. One alone is taken in turn where it is
  /// about one.
  package var to: [String]
  package var group: String
  package var now: Timestamp
  /// Whose turn it is of `to`: the number of the call, from 0.
  package var turn: Int
  /// Fresh for each message; further ones of the same callback count on from it.
  package var sequence: UInt32
  package var random: UInt32

  package init(
    app: AppID, from: String, to: [String], group: String, now: Timestamp, turn: Int = 0, sequence: UInt32,
    random: UInt32
  ) {
    precondition(!to.isEmpty && turn >= 0, "a callback is about somebody")
    self.app = app
    self.from = from
    self.to = to
    self.group = group
    self.now = now
    self.turn = turn
    self.sequence = sequence
    self.random = random
  }
}

/// The pieces that templates are put together of.
extension CallbackScene {
  var sender: OutgoingJSON { .string(from) }
  var receiver: OutgoingJSON { .string(to[turn % to.count]) }
  var groupID: OutgoingJSON { .string(group) }
  /// Of a topic whose name is as short as an account, the id that Tencent would give it in this group.
  var topic: OutgoingJSON { topic(to[turn % to.count]) }

  func topic(_ name: String) -> OutgoingJSON { .string(name.contains("@TOPIC#") ? name : "\(group)@TOPIC#_\(name)") }

  var milliseconds: OutgoingJSON { .number(now.milliseconds) }
  var seconds: OutgoingJSON { .number(now.seconds) }

  func sequence(of index: Int) -> OutgoingJSON { .number(Int64(sequence &+ UInt32(truncatingIfNeeded: index))) }

  /// `<MsgSeq>_<MsgRandom>_<MsgTime>`.
  func messageKey(of index: Int = 0) -> OutgoingJSON {
    .string("\(sequence &+ UInt32(truncatingIfNeeded: index))_\(random)_\(now.seconds)")
  }

  /// An object for each account, with the account under this key.
  func each(_ key: String, _ others: [String: OutgoingJSON] = [:]) -> OutgoingJSON {
    .array(to.map { account in .object(others.merging([key: .string(account)]) { $1 }) })
  }

  /// What every message has.
  var message: [String: OutgoingJSON] {
    [
      "CloudCustomData": "", "OnlineOnlyFlag": 0,
      "MsgBody": .array([.object(["MsgType": "TIMTextElem", "MsgContent": .object(["Text": "hello"])])]),
    ]
  }
}
