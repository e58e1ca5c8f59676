import CPostgres
import Foundation
package import GatewayCore

/// Where the server is, and how it is talked to: a `postgres://` URL as libpq understands it, with one key of our own.
package struct PostgresAddress: Sendable, Hashable {
  /// Without our own keys.
  let url: String
  /// Whether statements are prepared once a connection. Not through a pooler that gives each transaction another one.
  let usesPreparedStatements: Bool
  /// Without its password: to be shown.
  let shown: String

  private static let preparedStatements = "prepared_statements"

  /// - Parameter shown: What stands for it where people see it: without its password.
  /// - Throws: `.unavailable` with a sentence that shows nothing of it.
  package init(url text: String, shown: String) throws(JournalError) {
    guard var parts = URLComponents(string: text), ["postgres", "postgresql"].contains(parts.scheme) else {
      throw .unavailable("the journal's URL is not one of PostgreSQL's; write postgres://USER@HOST:PORT/DATABASE")
    }
    let own = parts.queryItems?.first { $0.name == Self.preparedStatements }?.value
    guard own == nil || own == "on" || own == "off" else {
      throw .unavailable("\(Self.preparedStatements) in the journal's URL is on or off")
    }
    usesPreparedStatements = own == "on"
    let others = parts.percentEncodedQueryItems?.filter { $0.name != Self.preparedStatements }
    parts.percentEncodedQueryItems = others?.isEmpty ?? true ? nil : others
    guard let url = parts.string else { throw .unavailable("the journal's URL cannot be read") }
    self.url = url
    self.shown = shown
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      throw .unavailable("the journal's URL cannot be read; write postgres://USER@HOST:PORT/DATABASE?sslmode=…")
    }
    PQconninfoFree(options)
  }
}
