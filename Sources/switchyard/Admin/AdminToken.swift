import AdminServer
import GatewayCore

/// The bearer token that a command shows at the admin door: from the environment or a file, so that it is seen neither in a
/// list of processes nor in a shell's history.
enum AdminToken {
  static let maxFileBytes = 4096

  /// The admin token if there is one, else the read token, each by its value or by its file. An empty variable counts as
  /// not set.
  ///
  /// - Throws: `CommandFailure` where a file cannot be read or holds no token. It never says what is in it.
  static func find(in environment: [String: String]) throws -> Secret? {
    for name in [AdminTokenSources.adminVariable, AdminTokenSources.readVariable] {
      if let value = environment[name], !value.isEmpty { return try checked(value, from: name) }
      if let path = environment[name + "_FILE"], !path.isEmpty {
        let bytes = try InputFile.read(path: path, limit: maxFileBytes)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let token = text.split(whereSeparator: \.isWhitespace).first else {
          throw CommandFailure(
            "\(path), which \(name)_FILE names, holds no token; write it there, or unset the variable")
        }
        return try checked(String(token), from: path)
      }
    }
    return nil
  }

  /// What is no header's value would be refused by libcurl's wrapper, with less to say.
  private static func checked(_ token: String, from place: String) throws -> Secret {
    guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw CommandFailure("the token in \(place) holds a space or a character beyond ASCII; write it there anew")
    }
    return Secret(token)
  }
}
