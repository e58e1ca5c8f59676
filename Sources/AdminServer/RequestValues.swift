import Foundation
package import GatewayCore
import Hummingbird

/// Reads what stands for events in a request, or says why nothing can match it.
package typealias PatternReader = @Sendable (String) -> Result<EventPattern, PatternRefusal>

package struct PatternRefusal: Error, Hashable, Sendable {
  /// One sentence.
  package let reason: String

  package init(reason: String) { self.reason = reason }
}

/// Reads the texts of a request as what they stand for; whatever is not that is a problem which says what it may be.
struct RequestValues: Sendable {
  static let limits = 1...1000
  static let defaultLimit = 100

  let readPattern: PatternReader

  func pattern(_ text: String, of name: String) throws(Problem) -> EventPattern {
    switch readPattern(text) {
    case .success(let pattern): return pattern
    case .failure(let refusal): throw Problem(.badRequest, "\(name): \(refusal.reason)")
    }
  }

  func moment(_ text: String, of name: String) throws(Problem) -> Timestamp {
    if let moment = Timestamp(text) { return moment }
    throw Problem(
      .badRequest, "\(name) is a time as RFC 3339 has it, as in 2026-11-20T20:36:00Z, but not \"\(text.shortened)\".")
  }

  func limit(_ text: String?) throws(Problem) -> Int {
    guard let text else { return Self.defaultLimit }
    if let limit = text.wholeNumber, Self.limits.contains(limit) { return limit }
    throw Problem(
      .badRequest,
      "limit is a whole number from \(Self.limits.lowerBound) to \(Self.limits.upperBound), but not "
        + "\"\(text.shortened)\".")
  }

  func app(_ text: String) throws(Problem) -> AppID {
    if let number = text.wholeNumber, number > 0 { return AppID(rawValue: Int64(number)) }
    throw Problem(.badRequest, "app is an SdkAppid, a whole number, but not \"\(text.shortened)\".")
  }

  func text(_ text: String, of name: String, longest: Int) throws(Problem) -> String {
    guard (1...longest).contains(text.unicodeScalars.count) else {
      throw Problem(.badRequest, "\(name) has 1 to \(longest) characters.")
    }
    return text
  }

  func subscriber(_ text: String) throws(Problem) -> String {
    guard text.wholeMatch(of: /[a-z0-9-]{1,63}/) != nil else {
      throw Problem(
        .badRequest, "A subscriber's name has 1 to 63 of a-z, 0-9 and \"-\", but not \"\(text.shortened)\".")
    }
    return text
  }

  func event(_ text: String) throws(Problem) -> EventID {
    if let id = EventID(text), id.description == text { return id }
    throw Problem(
      .badRequest, "An event's id is a UUID in lower case, a hyphen and a number, but not \"\(text.shortened)\".")
  }

  func deadLetter(_ text: String) throws(Problem) -> DeadLetterReference {
    if let reference = DeadLetterReference(text) { return reference }
    throw Problem(
      .badRequest,
      "A dead letter is named by its id, as in 3-1039, or by the id of its event, but not by "
        + "\"\(text.shortened)\".")
  }

  func replay(_ text: String) throws(Problem) -> ReplayID {
    if let id = ReplayID(text) { return id }
    throw Problem(
      .badRequest, "A replay's id is \"replay-\" and sixteen hex digits in lower case, but not \"\(text.shortened)\".")
  }

  /// Anything but a clear yes or no is refused, lest a slip turns a rehearsal into the real thing.
  func flag(_ text: String?, of name: String) throws(Problem) -> Bool {
    switch text {
    case nil, "0", "false": return false
    case "1", "true": return true
    case let value?:
      throw Problem(.badRequest, "The parameter \(name) is 1 or true, or 0 or false, but not \"\(value.shortened)\".")
    }
  }

  static func badCursor(_ text: String) -> Problem {
    Problem(.badRequest, "\"\(text.shortened)\" is not a cursor; take the one of the piece before, or leave it out.")
  }
}

extension String {
  /// As an error repeats it.
  var shortened: String { count > 100 ? prefix(100) + "…" : self }

  /// Digits alone, without a sign, and no more than leave room to count on.
  var wholeNumber: Int? { utf8.count <= 18 && utf8.allSatisfy { (48...57).contains($0) } ? Int(self) : nil }
}

extension AdminRequestContext {
  /// What stands in the path. The router takes paths as they come, escapes and all.
  func parameter(_ name: String) throws -> String {
    let written = try parameters.require(name)
    return written.removingPercentEncoding ?? written
  }
}
