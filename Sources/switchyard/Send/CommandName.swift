import ArgumentParser
import GatewayCore
import TencentChat

/// A callback command as somebody writes it: by its own name, or by the short or full type of its events.
enum CommandName {
  /// - Throws: `ValidationError` with a suggestion for what the catalogue does not have.
  static func command(_ name: String) throws -> String {
    if let command = known(name) { return command }
    let names = EventCatalogue.entries.flatMap { [$0.command, $0.type.rawValue] }
    let suggestion = Suggestion.clause(for: name, among: names)
    let advice = "; see 'switchyard catalogue', or give a body of your own with --file"
    throw ValidationError(
      "'\(name)' is no command of the catalogue\(suggestion.isEmpty ? advice : suggestion)")
  }

  /// What is not known stays as it is.
  static func commandIfKnown(_ name: String) -> String { known(name) ?? name }

  private static func known(_ name: String) -> String? {
    let entry =
      EventCatalogue.entry(for: name)
      ?? EventCatalogue.entries.first { [$0.type.rawValue, $0.type.full].contains(name) }
    return entry?.command
  }
}
