/// One event of a stream as the HTML standard writes it (section 9.2.6): a name, and data of any number of lines.
struct ServerSentEvent: Hashable, Sendable {
  let name: String
  let data: String

  /// The name must be one line.
  init(_ name: String, data: String) {
    precondition(!name.contains(where: \.isNewline), "an event's name is one line")
    self.name = name
    self.data = data
  }

  /// Each line of the data on a line of its own; a reader puts them together again with LF between them.
  var text: String {
    let lines = data.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
  }
}
