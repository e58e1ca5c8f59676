import ArgumentParser
import Foundation
import TencentChat

/// The callback that `send` posts: its command, for the query, and its body.
struct OutgoingCallback: Sendable {
  /// Well beyond what the gateway takes, so that its refusal can be tried.
  static let maxFileBytes = 64 << 20
  static let defaultCommand = PairCommand.blackListAdd

  var command: String
  var body: [UInt8]

  /// A callback made up of pairs.
  init(command: String?, from: String, to accounts: [String]) throws {
    let name = command ?? Self.defaultCommand.rawValue
    guard let known = PairCommand(rawValue: name) else {
      let names = PairCommand.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("send can only make up \(names); give the body of '\(name)' with --file")
    }
    self.command = name
    let isFriendAdd = known == .friendAdd
    let pairs = accounts.map { CallbackPair(from: from, to: $0, initiator: isFriendAdd ? from : nil) }
    body =
      PairCallback(
        known, pairs: pairs, friending: isFriendAdd ? PairCallback.Friending(admin: "", isForced: true) : nil
      ).body
  }

  /// A body posted as it is. Its command is the one given, or the one it names itself.
  init(command: String?, body: [UInt8]) throws {
    guard let name = command ?? Self.command(in: body) else {
      throw ValidationError("the file names no CallbackCommand; give one with --command")
    }
    self.command = name
    self.body = body
  }

  private static func command(in body: [UInt8]) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    return object?["CallbackCommand"] as? String
  }
}
