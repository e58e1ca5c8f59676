/// One row of a callback's `PairList`: `to` was put on, or taken from, a list of `from`.
package struct CallbackPair: Hashable, Sendable {
  package var from: String
  package var to: String
  /// Who asked for a friendship; only a new friend has one.
  package var initiator: String?

  package init(from: String, to: String, initiator: String? = nil) {
    self.from = from
    self.to = to
    self.initiator = initiator
  }

  /// Appends the row as JSON. Accounts keep their bytes.
  func append(to json: inout [UInt8]) {
    json += Array(#"{"From_Account":"#.utf8) + JSONString.literal(from)
    if let initiator { json += Array(#","Initiator_Account":"#.utf8) + JSONString.literal(initiator) }
    json += Array(#","To_Account":"#.utf8) + JSONString.literal(to) + [ASCII.rightBrace]
  }
}
