import ArgumentParser

/// `switchyard completions`: a script that lets a shell complete the program's commands and flags.
struct CompletionsCommand: ParsableCommand {
  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Prints a script that completes commands, flags and names in a shell.",
    discussion: """
      Names of subscribers come from the gateway of --admin or SWITCHYARD_ADMIN_URL, if it answers at once.

      EXAMPLES:
        source <(switchyard completions bash)
        switchyard completions bash > /etc/bash_completion.d/switchyard
        switchyard completions zsh > /usr/local/share/zsh/site-functions/_switchyard
        switchyard completions fish > ~/.config/fish/completions/switchyard.fish
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    try LineWriter.standardOutput.print(Switchyard.completionScript(for: shell.known))
  }
}

extension CompletionsCommand.Shell {
  fileprivate var known: CompletionShell {
    switch self {
    case .bash: .bash
    case .zsh: .zsh
    case .fish: .fish
    }
  }
}
