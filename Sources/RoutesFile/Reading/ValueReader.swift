import GatewayCore

/// Types one value. Each method returns nil for a value that will not do, and has reported why.
struct ValueReader {
  let node: SourceNode
  /// The key whose value this is, or whose list holds it.
  let key: String
  let session: LoadSession

  /// A text that is not empty.
  func text() -> String? { scalar()?.text }

  func boolean() -> Bool? {
    guard let (scalar, text) = scalar(unquotedAs: "true or false") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      fail("\"\(key)\" must be true or false, not \"\(scalar.shown)\"")
      return nil
    }
  }

  func integer(in range: ClosedRange<Int>) -> Int? {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let (scalar, text) = scalar(unquotedAs: "a whole number") else { return nil }
    guard let number = Int(text), range.contains(number) else {
      fail("\"\(key)\" must be \(expected), not \"\(scalar.shown)\"")
      return nil
    }
    return number
  }

  func number(in range: ClosedRange<Double>) -> Double? {
    guard let (scalar, text) = scalar(unquotedAs: "a number") else { return nil }
    guard let number = Double(text), range.contains(number) else {
      fail("\"\(key)\" must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(scalar.shown)\"")
      return nil
    }
    return number
  }

  func duration(in range: ClosedRange<Duration>) -> Duration? {
    guard let (scalar, text) = scalar() else { return nil }
    guard let duration = Duration(text: text) else {
      fail(
        "\"\(scalar.shown)\" is not a duration; \"\(key)\" takes a whole number and one of ms, s, m, h, d, as in 10s")
      return nil
    }
    guard range.contains(duration) else {
      fail(
        "\"\(key)\" must be from \(range.lowerBound.text) to \(range.upperBound.text), not \"\(scalar.shown)\"")
      return nil
    }
    return duration
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Choice? {
    guard let (scalar, text) = scalar() else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    fail(
      "\"\(key)\" must be \(names.joined(separator: " or ")), not \"\(scalar.shown)\""
        + Suggestion.clause(for: scalar.shown, among: names))
    return nil
  }

  /// - Parameter nothingIsEmpty: A key without a value is an empty list, as when all items are commented out.
  func list(nothingIsEmpty: Bool = false) -> [ValueReader]? {
    switch node.content {
    case .sequence(let items):
      return items.map { ValueReader(node: $0, key: key, session: session) }
    case .null where nothingIsEmpty:
      return []
    case .null, .scalar, .mapping:
      fail("\"\(key)\" must be a list, as in [a, b], not \(node.kind)")
      return nil
    }
  }

  /// A list with as many items as the range says.
  func list(of count: ClosedRange<Int>) -> [ValueReader]? {
    guard let items = list() else { return nil }
    guard count.contains(items.count) else {
      fail("\"\(key)\" must hold from \(count.lowerBound) to \(count.upperBound) items; it holds \(items.count)")
      return nil
    }
    return items
  }

  var isEmptyList: Bool {
    if case .sequence(let items) = node.content { items.isEmpty } else { false }
  }

  /// What a problem may quote of it.
  var shown: String {
    if case .scalar(let scalar) = node.content { scalar.shown } else { node.kind }
  }

  func fail(_ message: String) { session.error(message, at: node.location) }

  private func scalar(unquotedAs kind: String) -> (scalar: SourceScalar, text: String)? {
    guard let (scalar, text) = scalar() else { return nil }
    // What a reference brings is text wherever it stands; what is written in quotes was meant as text.
    guard !scalar.isQuoted || scalar.hasReference else {
      fail("\"\(key)\" must be \(kind), not text; remove the quotes")
      return nil
    }
    return (scalar, text)
  }

  private func scalar() -> (scalar: SourceScalar, text: String)? {
    switch node.content {
    case .null:
      fail("\"\(key)\" has no value; give it one, or remove it")
    case .sequence, .mapping:
      fail("\"\(key)\" must be a single value, not \(node.kind)")
    case .scalar(let scalar):
      switch scalar.value {
      case .missing(let sentence): fail(sentence)
      case .text(""): fail("\"\(key)\" is empty; give it a value, or remove it")
      case .text(let text): return (scalar, text)
      }
    }
    return nil
  }
}
