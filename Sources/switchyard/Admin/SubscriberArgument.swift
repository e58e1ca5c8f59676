import ArgumentParser

/// The name of a subscriber on the command line.
enum SubscriberArgument {
  static func read(_ text: String) throws -> String {
    let isName =
      (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
      }
    guard isName else {
      throw ValidationError("'\(text)' is no name of a subscriber; 'switchyard subscribers' lists them")
    }
    return text
  }

  /// The names that the gateway of the command line, or of the environment, knows.
  static var completion: CompletionKind {
    .custom { arguments, _, _ in names(for: arguments) }
  }

  /// Nothing where no gateway answers at once: somebody is waiting at a prompt.
  private static func names(for arguments: [String]) -> [String] {
    let flag = arguments.lastIndex(of: "--admin").map { arguments.index(after: $0) }
    let given = flag.flatMap { arguments.indices.contains($0) ? AdminAddress(argument: arguments[$0]) : nil }
    let query = [(name: "limit", value: String(AdminDoor.largestPiece))]
    guard let door = try? AdminDoor.standard(at: given),
      let answer = door.getWaiting("v1", "subscribers", query: query, timeout: .seconds(1)),
      let document: JSONValue = try? answer.read()
    else { return [] }
    let items = (document["subscribers"]?.items ?? []) + (document["removed"]?.items ?? [])
    return items.compactMap { $0["name"]?.text }.filter { (try? read($0)) != nil }
  }
}
