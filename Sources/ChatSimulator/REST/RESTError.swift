/// A whole call that is refused. The codes are Tencent's; the sentences are ours, and say what to do.
package struct RESTError: Error, Hashable, Sendable {
  package let code: Int
  package let info: String

  private init(_ code: Int, _ info: String) {
    self.code = code
    self.info = info
  }

  // The request itself.

  static let notPOST = RESTError(60002, "only POST is taken; post a JSON object")
  static func unknownPath(_ path: String) -> RESTError {
    let known = RESTCommand.allCases.map { RESTCommand.pathPrefix + $0.rawValue }.joined(separator: ", ")
    return RESTError(60002, "there is nothing at \(path); this stand-in has \(known)")
  }
  static func bodyTooLarge(limit: Int) -> RESTError {
    RESTError(60002, "the body has more than \(limit) bytes; ask for fewer accounts at a time")
  }
  static let emptyBody = RESTError(60003, "the body is empty; post a JSON object, {} at least")
  static func notJSON(_ reason: String) -> RESTError {
    RESTError(60003, "the body is not a JSON object: \(reason)")
  }

  // The query.

  static let appMissing = RESTError(60012, "sdkappid is missing; names in the query are in lower case")
  static let badApp = RESTError(60006, "sdkappid is not a positive decimal number")
  static let unknownApp = RESTError(70020, "there is no such sdkappid here; give it to simulate with --sdkappid")
  static let identifierMissing = RESTError(60004, "identifier is missing; give an administrator's account")
  static let userSigMissing = RESTError(60004, "usersig is missing; any text that is not empty is taken here")
  static let notAdministrator = RESTError(
    60010, "identifier is not an administrator of the app; give it to simulate with --admin")
  static let badRandom = RESTError(60002, "random is missing or not a number from 0 to 4294967295")
  static let badContentType = RESTError(60002, "contenttype is missing or not json")
  static func tooManyCalls(limit: Int) -> RESTError {
    RESTError(60007, "more than \(limit) calls a second; call less often")
  }

  // What is asked for.

  static func badParameters(_ reason: String) -> RESTError { RESTError(30001, reason) }
  static func accountNotString(_ field: String) -> RESTError { RESTError(60015, "\(field) must be a string") }
  static let foreignAccount = RESTError(30002, "From_Account belongs to another app")
  static let unknownAccount = RESTError(30003, "From_Account does not exist")
  static func tooManyApps(limit: Int) -> RESTError {
    RESTError(60009, "this stand-in keeps at most \(limit) apps; start it anew")
  }
  static func full(limit: Int) -> RESTError {
    RESTError(60009, "this stand-in keeps at most \(limit) relationships; start it anew")
  }
}
