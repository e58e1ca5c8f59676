import Foundation
import GatewayCore
import Hummingbird

/// The body of a request: one JSON object that knows what it may have, so that nothing in it goes unread.
struct RequestBody {
  private let members: [String: Any]

  /// - Throws: A problem that says what is wrong with the body, or names a member that is unknown.
  init(_ request: Request, limits: AdminLimits, allowed: [String]) async throws {
    let buffer = try await request.body.collect(upTo: limits.bodyBytes)
    let example = "send a JSON object with \(allowed.map { "\"\($0)\"" }.joined(separator: ", "))"
    guard buffer.readableBytes > 0 else { throw Problem(.badRequest, "The request has no body; \(example).") }
    guard let value = try? JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)),
      let object = value as? [String: Any]
    else { throw Problem(.badRequest, "The body is not a JSON object; \(example).") }
    if let unknown = object.keys.sorted().first(where: { !allowed.contains($0) }) {
      throw Problem(.badRequest, "There is no \"\(unknown.shortened)\" here; \(example).")
    }
    members = object
  }

  func text(_ name: String) throws(Problem) -> String? {
    guard let value = members[name] else { return nil }
    guard let text = value as? String else { throw Problem(.badRequest, "\"\(name)\" is a text.") }
    return text
  }

  func required(_ name: String) throws(Problem) -> String {
    guard let text = try text(name) else { throw Problem(.badRequest, "\"\(name)\" is missing.") }
    return text
  }

  func texts(_ name: String, most: Int) throws(Problem) -> [String]? {
    guard let value = members[name] else { return nil }
    guard let texts = value as? [String], (1...most).contains(texts.count) else {
      throw Problem(.badRequest, "\"\(name)\" is a list of 1 to \(most) texts.")
    }
    return texts
  }
}
