import CPostgres
package import GatewayCore

/// Where the server is, and how it is talked to: a `postgres://` URL as libpq understands it, with one key of our own.
package struct PostgresAddress: Sendable, Hashable {
  /// Without our own keys.
  let url: String
  /// Whether statements are prepared once a connection. Not through a pooler that gives each transaction another one.
  let usesPreparedStatements: Bool
  /// Without its password: to be shown.
  let shown: String

  private static let preparedStatements = "prepared_statements="

  /// - Parameter shown: What stands for it where people see it: without its password.
  /// - Throws: `.unavailable` with a sentence that shows nothing of it.
  package init(url text: String, shown: String) throws(JournalError) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let parameters = parts.count == 2 ? parts[1].split(separator: "&").map(String.init) : []
    let own = parameters.last { $0.hasPrefix(Self.preparedStatements) }
    switch own {
    case nil, Self.preparedStatements + "off": usesPreparedStatements = false
    case Self.preparedStatements + "on": usesPreparedStatements = true
    default: throw .unavailable("\(Self.preparedStatements)… in the journal's URL is on or off")
    }
    let others = parameters.filter { !$0.hasPrefix(Self.preparedStatements) }
    url = parts[0] + (others.isEmpty ? "" : "?" + others.joined(separator: "&"))
    self.shown = shown
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      throw .unavailable("the journal's URL cannot be read; write postgres://USER@HOST:PORT/DATABASE?sslmode=…")
    }
    PQconninfoFree(options)
  }
}
