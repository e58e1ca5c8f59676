import Foundation
import GatewayCore

/// The query of a call, checked: who calls, and for which app.
///
/// Names and values are case-sensitive, as the REST document says. Percent escapes count as what they stand for, a `+`
/// is a plus, and where a name stands twice the first counts.
struct RESTQuery: Hashable, Sendable {
  let appID: AppID
  /// The administrator.
  let identifier: String

  /// - Throws: What is missing or wrong first. `usersig` is not verified: any that is not empty is taken.
  init(_ raw: String, apps: Set<AppID>?, administrators: Set<AccountID>) throws(RESTError) {
    let values = Self.values(in: raw)
    guard let app = values["sdkappid"], !app.isEmpty else { throw .appMissing }
    guard let appID = AppID(app) else { throw .badApp }
    guard apps?.contains(appID) ?? true else { throw .unknownApp }
    guard let identifier = values["identifier"], !identifier.isEmpty else { throw .identifierMissing }
    guard let userSig = values["usersig"], !userSig.isEmpty else { throw .userSigMissing }
    guard administrators.contains(AccountID(identifier)) else { throw .notAdministrator }
    guard let random = values["random"], random.utf8.allSatisfy({ (0x30...0x39).contains($0) }), UInt32(random) != nil
    else { throw .badRandom }
    guard values["contenttype"] == "json" else { throw .badContentType }
    self.appID = appID
    self.identifier = identifier
  }

  private static func values(in raw: String) -> [String: String] {
    raw.split(separator: "&").reduce(into: [:]) { values, piece in
      let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = decoded(parts[0])
      if values[name] == nil { values[name] = parts.count > 1 ? decoded(parts[1]) : "" }
    }
  }

  private static func decoded(_ text: Substring) -> String { text.removingPercentEncoding ?? String(text) }
}
