import Foundation
import FuzzDriver
import HTTPTypes
import Hummingbird
import NIOCore

@testable import AdminServer

/// A request's query says to the admin door what it says to Foundation, or is refused.
enum ParametersCheck {
  private static let allowed = ["dry_run", "account", "limit", "你"]

  static func check(_ query: String) {
    guard isSendable(query) else { return }
    let expected = expectation(of: query)
    do {
      let parameters = try QueryParameters(request(query), allowed: allowed)
      guard let expected else {
        require(false, "a query is refused that Foundation refuses, or that says what nobody asked for", query)
        return
      }
      for name in allowed {
        let (given, model) = (parameters[name], expected[Array(name.utf8)])
        require(
          given.map { Array($0.utf8) } == model.map { Array($0.utf8) }, "a parameter says what it says to Foundation",
          "\(name): \(given ?? "nil") instead of \(model ?? "nil")")
      }
    } catch {
      require(expected == nil, "a query is read that Foundation reads", error.detail)
      require(error.status == .badRequest && !error.detail.isEmpty, "a refusal is one, and says why")
    }
  }

  /// Nil if the query must be refused: Foundation cannot read it, or it has a name that is not allowed, or one twice.
  private static func expectation(of query: String) -> [[UInt8]: String]? {
    var values: [[UInt8]: String] = [:]
    guard let parts = URLComponents(string: "/v1?" + escaped(query), encodingInvalidCharacters: false) else {
      return nil
    }
    // Two `&` with nothing between them are one.
    for item in parts.percentEncodedQueryItems ?? [] where !(item.name.isEmpty && item.value == nil) {
      guard let name = item.name.removingPercentEncoding, let value = (item.value ?? "").removingPercentEncoding,
        allowed.contains(where: { $0.utf8.elementsEqual(name.utf8) }),
        values.updateValue(value, forKey: Array(name.utf8)) == nil
      else { return nil }
    }
    return values
  }

  /// Foundation wants characters escaped that RFC 3986 leaves no place for. Whoever types them into a command line means
  /// themselves by them, so they are taken as they are.
  private static func escaped(_ query: String) -> String {
    let kept = CharacterSet.urlQueryAllowed.union(CharacterSet(charactersIn: "%"))
    return query.addingPercentEncoding(withAllowedCharacters: kept) ?? query
  }

  /// Whether a request's first line can bring it. NIO's parser refuses blanks, control characters and all beyond ASCII,
  /// and a `#` ends the query.
  private static func isSendable(_ query: String) -> Bool {
    query.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
  }

  private static func request(_ query: String) -> Request {
    Request(
      head: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/v1?" + query),
      body: RequestBody(buffer: ByteBuffer()))
  }
}
