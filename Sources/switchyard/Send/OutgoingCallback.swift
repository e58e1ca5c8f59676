import ArgumentParser
import Foundation
import GatewayCore
import TencentChat

/// The callbacks that `send` posts: their command, for the query, and a body for each call.
struct OutgoingCallback: Sendable {
  /// Well beyond what the gateway takes, so that its refusal can be tried.
  static let maxFileBytes = 64 << 20
  static let defaultCommand = PairCommand.blackListAdd.rawValue

  private enum Source: Sendable {
    case fixed([UInt8])
    /// Filled in anew for each call.
    case template(CallbackTemplate, CallbackScene)
  }

  let command: String
  private let source: Source

  /// Made-up callbacks of a command of the catalogue.
  ///
  /// - Parameters:
  ///   - name: The command, or the type of its events; nil: `defaultCommand`.
  ///   - scene: That of the first call but for its time.
  /// - Throws: `ValidationError` when the catalogue has no such command.
  init(of name: String?, scene: CallbackScene) throws {
    let command = try CommandName.command(name ?? Self.defaultCommand)
    guard let template = CallbackTemplate.template(for: command) else {
      throw ValidationError("send has no template of \(command); give the body with --file")
    }
    self.command = command
    // Callbacks of pairs have neither times nor keys, and those of a thousand take a while to make.
    let isFixed = PairCommand(rawValue: command) != nil
    source = isFixed ? .fixed(template.body(scene)) : .template(template, scene)
  }

  /// A body posted as it is. Its command is the one given, which may be one that the catalogue does not have, or the one
  /// it names itself.
  init(of name: String?, file body: [UInt8]) throws {
    guard let command = name.map(CommandName.commandIfKnown) ?? Self.command(in: body) else {
      throw ValidationError("the file names no CallbackCommand; give one with --command")
    }
    self.command = command
    source = .fixed(body)
  }

  /// Whether Tencent waits for the answer to know whether something may happen.
  var asks: Bool { EventCatalogue.entry(for: command)?.timing == .before }

  /// - Parameter call: Its number from 0. Whatever a callback has for itself is another in each.
  func body(of call: Int, now: Timestamp) -> [UInt8] {
    switch source {
    case .fixed(let bytes): return bytes
    case .template(let template, var scene):
      scene.now = now
      scene.turn += call
      scene.sequence &+= UInt32(truncatingIfNeeded: call * scene.to.count)
      if call > 0 { scene.random = .random(in: 1...(.max)) }
      return template.body(scene)
    }
  }

  /// Some commands are named by the items of the body alone.
  private static func command(in body: [UInt8]) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    let items = object?[EventCatalogue.itemsNamingCommand.description] as? [[String: Any]]
    return [object, items?.first].lazy.compactMap { $0?[CallbackBody.commandKey.description] as? String }.first
  }
}
