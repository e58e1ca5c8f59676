/// How good a thing is, as a colour on a terminal that has any.
enum Colour: Int {
  case red = 31
  case green = 32
  case yellow = 33

  /// The text in this colour, or as it is.
  func paint(_ text: String, if isWanted: Bool) -> String {
    isWanted ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
