import ArgumentParser
import CurlTransport
import Foundation

/// What all commands over the admin door take.
struct AdminOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The gateway's admin door (default: \(AdminAddress.environmentName), else \(AdminAddress.standard)).",
      valueName: "url"))
  var admin: AdminAddress?

  @Flag(help: "Print what the gateway answers as JSON.")
  var json = false

  /// The door with what the environment says.
  func door() throws -> AdminDoor { try AdminDoor.standard(at: admin) }
}

extension AdminDoor {
  /// - Parameter address: Nil: that of the environment, or the standard one.
  static func standard(at address: AdminAddress?) throws -> AdminDoor {
    let environment = ProcessInfo.processInfo.environment
    return AdminDoor(
      address: try address ?? Self.address(in: environment), token: try AdminToken.find(in: environment),
      http: HTTPClient(userAgent: Product.userAgent, environment: environment))
  }

  private static func address(in environment: [String: String]) throws -> AdminAddress {
    guard let text = environment[AdminAddress.environmentName], !text.isEmpty else { return .standard }
    guard let address = AdminAddress(argument: text) else {
      throw ValidationError(
        "\(AdminAddress.environmentName) is no http or https URL; set it to one such as \(AdminAddress.example)")
    }
    return address
  }
}
