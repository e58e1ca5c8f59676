import ArgumentParser

/// Ids on the command line, held against their forms before a gateway is asked.
enum IDArgument {
  private static var event: Regex<Substring> {
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-(?:0|[1-9][0-9]{0,8})/
  }

  static func event(_ text: String) throws -> String {
    guard text.wholeMatch(of: event) != nil else {
      throw ValidationError("'\(text)' is no event id; it is what webhook-id says, a UUID with a number behind it")
    }
    return text
  }

  static func deadLetter(_ text: String) throws -> String {
    guard text.wholeMatch(of: event) != nil || text.wholeMatch(of: /[1-9][0-9]{0,17}-[1-9][0-9]{0,17}/) != nil else {
      throw ValidationError(
        "'\(text)' is neither the id of a dead letter, such as 3-1041, nor that of an event; "
          + "'switchyard dead-letters list' lists them")
    }
    return text
  }

  static func replay(_ text: String) throws -> String {
    guard text.wholeMatch(of: /replay-[0-9a-f]{16}/) != nil else {
      throw ValidationError("'\(text)' is no id of a replay; 'switchyard replays list' lists them")
    }
    return text
  }
}
