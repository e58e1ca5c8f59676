extension Unicode.Scalar {
  /// Neither a control character nor one that ends a line or turns the direction of what follows: what a stranger
  /// wrote can then be shown on a terminal, and cannot pass for another line.
  var isPrintable: Bool {
    if isASCII { return value >= 0x20 && value != 0x7F }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return false
    default: return !properties.isBidiControl
    }
  }

  /// `\u001b`. All that is not printable lies in the basic plane, so four digits do.
  fileprivate var escape: String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension String {
  /// The same text with `\u001b` and the like in place of what must not reach a terminal.
  var printable: String {
    guard !unicodeScalars.allSatisfy(\.isPrintable) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isPrintable { text.unicodeScalars.append(scalar) } else { text.append(scalar.escape) }
    }
  }

  /// Appends `string` as a JSON string, with everything escaped that is not printable.
  mutating func appendJSONString(_ string: String) {
    append("\"")
    if string.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      append(string)
    } else {
      for scalar in string.unicodeScalars { appendJSONEscaped(scalar) }
    }
    append("\"")
  }

  private mutating func appendJSONEscaped(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": append("\\\"")
    case "\\": append("\\\\")
    case "\n": append("\\n")
    case "\r": append("\\r")
    case "\t": append("\\t")
    case _ where scalar.isPrintable: unicodeScalars.append(scalar)
    default: append(scalar.escape)
    }
  }
}
