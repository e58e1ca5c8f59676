// Takes events and works on them later. It is what systemd (`Accept=yes`) or inetd starts for each connection: it reads
// one request from the standard input and answers on the standard output.
//
//   receiver         takes one request; exits with 0 if it was taken, with 1 if not
//   receiver work    prints each event that waits, and marks it as done
//
// In the environment: WEBHOOK_KEYS, the keys with blanks between them, and INBOX, the file of the inbox.

import Foundation

/// What was signed is no event, nor a list of events.
struct NoEvent: Error {}

/// The id and the text of an event, or of each member of a batch. A batch has an id of its own, which says nothing of
/// what is in it: a member may come again alone, or in another batch.
func events(of request: Request) throws -> [(id: String, event: String)] {
  let isBatch = request.headers["content-type", default: ""].hasPrefix("application/cloudevents-batch+json")
  let parsed = try JSONSerialization.jsonObject(with: request.body)
  guard let members = (isBatch ? parsed : [parsed]) as? [[String: Any]] else { throw NoEvent() }
  return try members.map { member in
    guard let id = member["id"] as? String else { throw NoEvent() }
    let text = try isBatch ? JSONSerialization.data(withJSONObject: member) : request.body
    return (id, String(decoding: text, as: UTF8.self))
  }
}

/// The status that says what has become of the request.
func take(_ verifier: Verifier, _ inbox: Inbox) -> String {
  do {
    let request = try Request(from: .standardInput)
    try verifier.verify(body: request.body, headers: request.headers)
    try inbox.put(events(of: request))
    return "204 No Content"
  } catch let failure as Verifier.Failure {
    report(failure)
    return "401 Unauthorized"
  } catch let failure as Request.TooLarge {
    report(failure)
    return "413 Content Too Large"  // A batch comes again in halves.
  } catch let failure as Request.Broken {
    report(failure)
    return "400 Bad Request"
  } catch {
    report(error)
    return "503 Service Unavailable"  // It comes again.
  }
}

func report(_ error: any Error) {
  FileHandle.standardError.write(Data("refused: \(error)\n".utf8))
}

let environment = ProcessInfo.processInfo.environment
let inbox = try Inbox(path: environment["INBOX", default: "inbox.db"])
if CommandLine.arguments.dropFirst() == ["work"] {
  try inbox.workOff { print($0) }
} else {
  let keys = environment["WEBHOOK_KEYS", default: ""].split(separator: " ").map(String.init)
  let status = take(try Verifier(keys: keys), inbox)
  print("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", terminator: "")
  exit(status.hasPrefix("204") ? 0 : 1)
}
