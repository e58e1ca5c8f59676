import ArgumentParser
import Foundation
import GatewayCore

/// `switchyard backup`: a consistent copy of a running journal.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Has the gateway write a verified copy of its journal to a file on its own machine.",
    discussion: """
      The gateway writes it, where the gateway runs, as its user: the file must not be there, its folder must.
      A path that is not absolute begins at this command's working directory. Callbacks are taken meanwhile.

      EXAMPLES:
        switchyard backup /var/backups/switchyard-2026-11-20.db
        switchyard backup copy.db --json
      """)

  /// A large journal on a slow disk takes its time.
  private static let timeout = Duration.seconds(6 * 3600)

  @Argument(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var file: String

  @OptionGroup var options: AdminOptions

  func validate() throws {
    guard !file.isEmpty, !file.hasSuffix("/") else {
      throw ValidationError("name a file, such as switchyard.backup.db")
    }
  }

  func run() async throws {
    let door = try options.door()
    let path = URL(filePath: file, directoryHint: .notDirectory).standardizedFileURL.path(percentEncoded: false)
    let answer = try await door.post("v1", "backup", json: ["path": path], timeout: Self.timeout)
    if options.json { return try LineWriter.standardOutput.print(try answer.line()) }
    let backup: AdminAPI.Backup = try answer.read()
    let text =
      "\(backup.path.printable) is complete and verified: \(HumanText.count(backup.events, "event")), "
      + "\(HumanText.size(backup.sizeBytes)), in \(HumanText.duration(seconds: backup.durationSeconds)).\n"
      + "It is on the machine of the gateway at \(door.address)."
    try LineWriter.standardOutput.print(text)
  }
}
