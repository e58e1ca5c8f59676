import ArgumentParser
import CallbackServer
import Foundation
import GatewayCore
import Logging

/// `switchyard serve`: runs the gateway until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Runs the gateway.",
    discussion: """
      Every flag may also stand in the environment: --some-name is SWITCHYARD_SOME_NAME there.
      The admin door's tokens come from SWITCHYARD_ADMIN_TOKEN, SWITCHYARD_ADMIN_TOKEN_FILE,
      SWITCHYARD_ADMIN_READ_TOKEN and SWITCHYARD_ADMIN_READ_TOKEN_FILE only.
      SIGHUP reads the routes file again, SIGTERM stops after lingering, SIGINT stops without;
      a second one leaves at once.

      EXAMPLES:
        switchyard serve
        switchyard serve --routes /etc/switchyard/routes.yaml \\
          --listen 0.0.0.0:8080 --journal sqlite:/var/lib/switchyard/journal.db
        SWITCHYARD_ADMIN_TOKEN_FILE=/run/secrets/admin switchyard serve \\
          --admin 0.0.0.0:8090
      """)

  @OptionGroup var options: ServeOptions

  func run() async throws {
    // Before anything else: what is told while the journal opens is obeyed once it is open.
    let signals = await StopSignals()
    let environment = ProcessInfo.processInfo.environment
    let settings: ServeSettings
    do throws(SettingError) {
      settings = try ServeSettings(options, environment: environment)
    } catch {
      throw failure(error.description, ExitStatus.usage)
    }
    let format = settings.logFormat ?? .standard
    LoggingSystem.bootstrap(format.handlerFactory(level: settings.logLevel))
    DescriptorLimit.raise()
    let logger = Logger(label: "switchyard")
    do {
      let gateway = try await Gateway(settings: settings, logger: logger)
      try await gateway.run(until: signals)
    } catch let rejected as RoutesRejected {
      for problem in rejected.problems { LineWriter.standardError.tell(problem.description) }
      throw failure(
        "\(settings.routes) is bad and the journal holds no good copy of it; mend what is listed above",
        ExitStatus.configuration)
    } catch CallbackServerError.badCertificate(let sentence) {
      throw failure(sentence, ExitStatus.configuration)
    } catch {
      throw failure("\(error)", ExitStatus.failure)
    }
  }

  private func failure(_ sentence: String, _ status: ExitCode) -> ExitCode {
    LineWriter.standardError.tell("switchyard: \(sentence)")
    return status
  }
}
