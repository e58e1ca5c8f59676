package import GatewayCore

/// Where the admin door's bearer tokens come from. Without any, the door trusts loopback and nobody else.
package struct AdminTokenSources: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case value(Secret)
    /// The path of a file that holds the token, read again when it changes.
    case file(String)
  }

  /// May do everything.
  package var admin: Source?
  /// May look at everything and change nothing.
  package var read: Source?

  package static let adminVariable = "SWITCHYARD_ADMIN_TOKEN"
  package static let readVariable = "SWITCHYARD_ADMIN_READ_TOKEN"

  package init(admin: Source? = nil, read: Source? = nil) {
    self.admin = admin
    self.read = read
  }

  /// Reads the four environment variables: each of the two names, and the same with `_FILE` behind it.
  package init(environment: [String: String]) throws(AdminTokenError) {
    admin = try Self.source(Self.adminVariable, environment)
    read = try Self.source(Self.readVariable, environment)
  }

  private static func source(_ name: String, _ environment: [String: String]) throws(AdminTokenError) -> Source? {
    let fileName = name + "_FILE"
    for set in [name, fileName] where environment[set]?.isEmpty == true {
      throw AdminTokenError(description: "\(set) is empty: give it a value or unset it.")
    }
    switch (environment[name], environment[fileName]) {
    case (nil, nil): return nil
    case (let value?, nil): return .value(Secret(value))
    case (nil, let path?): return .file(path)
    case (_?, _?):
      throw AdminTokenError(description: "\(name) and \(fileName) are both set: unset one of them.")
    }
  }
}

/// The environment says nothing usable about tokens. The text never contains one.
package struct AdminTokenError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}
