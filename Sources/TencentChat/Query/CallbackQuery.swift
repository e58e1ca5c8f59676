package import GatewayCore

/// The query of a callback's URL.
///
/// Keys match without regard to case, and percent escapes count as what they stand for; a `+` is a plus. Where a key
/// stands twice its first value that is not empty counts. Whatever else stands in it is kept and never refused.
package struct CallbackQuery: Sendable {
  /// The text less `Sign` and `RequestTime`, all else untouched and in order: what may be written down.
  package let withoutCredentials: String
  /// One place for each parameter.
  private var values = [String?](repeating: nil, count: Parameter.allCases.count)

  /// - Parameter raw: what stands behind the `?`.
  package init(_ raw: String) {
    let bytes = Array(raw.utf8)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    for piece in bytes.split(separator: ASCII.ampersand, omittingEmptySubsequences: false) {
      let name = piece.prefix { $0 != ASCII.equals }
      let parameter = Parameter(name)
      if let parameter, values[parameter.rawValue] == nil, name.endIndex < piece.endIndex {
        let value = Self.decoded(piece[(name.endIndex + 1)...])
        values[parameter.rawValue] = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
      }
      if parameter?.isCredential == true { continue }
      kept += piece
      kept.append(ASCII.ampersand)
    }
    withoutCredentials = String(decoding: kept.dropLast(), as: UTF8.self)
  }

  package var appID: AppID? { self[.appID].flatMap { AppID($0) } }
  package var command: String? { self[.command] }
  package var requestID: String? { self[.requestID] }
  package var signature: String? { self[.signature] }
  package var requestTime: String? { self[.requestTime] }
  /// The address of the app's user as Tencent saw it: never the peer's.
  package var clientIP: String? { self[.clientIP] }
  package var platform: String? { self[.platform] }

  private subscript(parameter: Parameter) -> String? { values[parameter.rawValue] }

  /// A `%` without two hex digits behind it stands for itself.
  private static func decoded(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard text.contains(ASCII.percent) else { return text }
    var bytes: ArraySlice<UInt8> = []
    bytes.reserveCapacity(text.count)
    var rest = text
    while let byte = rest.popFirst() {
      if byte == ASCII.percent, rest.count >= 2, let high = ASCII.hexValue(rest[rest.startIndex]),
        let low = ASCII.hexValue(rest[rest.startIndex + 1])
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}

extension CallbackQuery {
  /// The parameters that the gateway reads.
  private enum Parameter: Int, CaseIterable {
    case appID, command, requestID, signature, requestTime, clientIP, platform

    /// In lower case, in the order of the cases.
    private static let names = [
      "sdkappid", "callbackcommand", "requestid", "sign", "requesttime", "clientip", "optplatform",
    ].map { Array($0.utf8) }

    init?(_ text: ArraySlice<UInt8>) {
      let name = CallbackQuery.decoded(text)
      let place = Self.names.firstIndex { candidate in
        candidate.count == name.count && zip(candidate, name).allSatisfy { $0 == ASCII.lowercased($1) }
      }
      guard let place else { return nil }
      self.init(rawValue: place)
    }

    var isCredential: Bool { self == .signature || self == .requestTime }
  }
}
