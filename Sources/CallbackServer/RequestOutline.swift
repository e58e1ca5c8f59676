package import GatewayCore
package import NIOHTTP1

/// What the door wants to know of a request's head, gathered in one pass over its fields.
package struct RequestOutline: Sendable {
  package let method: HTTPMethod
  /// Percent-encoded, without the query.
  package let path: Substring
  /// What stands behind `?`; empty if there is none.
  package let query: Substring
  /// Bytes of the request line and the fields, as far as the parser lets one tell.
  package let headSize: Int
  /// The value of `Content-Length`, which the parser has checked.
  package private(set) var declaredLength = 0
  package private(set) var isChunked = false
  package private(set) var expectsContinue = false
  /// The one `traceparent`, if it is there once and valid.
  package private(set) var traceparent: String?
  /// The gateways that have sent it on.
  package private(set) var via = Via()
  /// All `X-Forwarded-For` values in their order.
  package private(set) var forwardedFor: [String] = []
  /// Whether the client lets the connection go on after this request.
  package private(set) var keepsAlive: Bool
  /// HTTP/1.0 closes unless both sides say otherwise.
  package let isHTTP10: Bool

  package var hasBody: Bool { isChunked || declaredLength > 0 }

  package init(_ head: HTTPRequestHead) {
    method = head.method
    isHTTP10 = head.version == .http1_0
    // Nothing is upgraded here; the parser stops behind a request that asks for it, so the connection ends there.
    keepsAlive = head.isKeepAlive && head.method != .CONNECT
    (path, query) = Self.split(head.uri)
    var size = head.method.rawValue.utf8.count + head.uri.utf8.count + Self.requestLineRest + Self.lineEnd
    var traceparents = 0
    var vias: [String] = []
    for (name, value) in head.headers {
      size += name.utf8.count + value.utf8.count + Self.fieldSeparator + Self.lineEnd
      switch Field(name) {
      case .contentLength: declaredLength = Int(value) ?? .max
      case .transferEncoding: isChunked = true
      case .expect: expectsContinue = !isHTTP10 && value.lowercased() == "100-continue"
      case .upgrade: keepsAlive = false
      case .forwardedFor: forwardedFor.append(value)
      case .via: vias.append(value)
      case .traceparent:
        traceparents += 1
        traceparent = traceparents == 1 && TraceParent.isValid(value) ? value : nil
      case nil: break
      }
    }
    headSize = size
    if !vias.isEmpty { via = Via(vias) }
  }

  /// Two blanks, `HTTP/1.1` and the line's end.
  private static let requestLineRest = 12
  private static let lineEnd = 2
  /// The colon and the blank that everybody writes.
  private static let fieldSeparator = 2

  /// Splits a target at its first `?`. An absolute form loses its scheme and authority (RFC 9112, section 3.2.2).
  private static func split(_ target: String) -> (path: Substring, query: Substring) {
    let mark = target.utf8.firstIndex(of: questionMark) ?? target.endIndex
    let query = target.utf8[mark...].dropFirst()
    return (path(in: target[..<mark]), Substring(query))
  }

  private static func path(in target: Substring) -> Substring {
    if target.utf8.first == slash { return target }
    let scheme = target.utf8.prefix { $0 != slash }
    guard scheme.last == UInt8(ascii: ":"), target.utf8[scheme.endIndex...].starts(with: "//".utf8) else {
      return target
    }
    let authority = target.utf8[scheme.endIndex...].dropFirst(2)
    let path = Substring(authority.drop { $0 != slash })
    return path.isEmpty ? "/" : path
  }

  private static let slash = UInt8(ascii: "/")
  private static let questionMark = UInt8(ascii: "?")

  /// The fields that matter here, told apart by length before any letter is compared.
  private enum Field {
    case contentLength, transferEncoding, expect, upgrade, forwardedFor, traceparent, via

    init?(_ name: String) {
      let candidate: (field: Field, name: String)
      switch name.utf8.count {
      case 6: candidate = (.expect, "expect")
      case 7: candidate = (.upgrade, "upgrade")
      case 11: candidate = (.traceparent, "traceparent")
      case Via.header.utf8.count where name.utf8.first.map { $0 | 0x20 } == Via.header.utf8.first:
        candidate = (.via, Via.header)
      case 14: candidate = (.contentLength, "content-length")
      case 15: candidate = (.forwardedFor, "x-forwarded-for")
      case 17: candidate = (.transferEncoding, "transfer-encoding")
      default: return nil
      }
      // Setting the bit of lower case is enough: the parser lets only token characters through.
      guard zip(name.utf8, candidate.name.utf8).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
      self = candidate.field
    }
  }
}
