import ArgumentParser
import TencentChat

/// `switchyard catalogue`: the callback commands that are known, and what becomes of each.
struct CatalogueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalogue",
    abstract: "Prints every callback command that is known, and the events that it becomes.",
    discussion: """
      A pattern in `events` of routes.yaml matches the types or the commands of this list.

      EXAMPLES:
        switchyard catalogue
        switchyard catalogue --json | jq -r '.[] | select(.batch).command'
      """)

  @Flag(help: "Print the page docs/catalogue.md.")
  var markdown = false

  @Flag(help: "Print one JSON array, an object a command.")
  var json = false

  func validate() throws {
    guard !(markdown && json) else { throw ValidationError("give either --markdown or --json, not both") }
  }

  func run() throws {
    let table = CatalogueTable(EventCatalogue.entries)
    try LineWriter.standardOutput.print(json ? try table.json() : markdown ? table.markdown : table.text)
  }
}
