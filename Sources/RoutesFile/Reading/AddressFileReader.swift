import GatewayCore

/// Reads the file of an app's `allow_ips_file`: an address or CIDR a line, `#` comments and blank lines.
struct AddressFileReader {
  let session: LoadSession

  /// What can be read of it; what cannot has been reported, with the file's own lines.
  func read(_ value: ValueReader) -> [AddressRange] {
    guard let name = value.text() else { return [] }
    let path = session.folder.absolute(name)
    do {
      let text = try session.text(ofFileAt: path, limit: RoutesLimits.addressFileSize)
      let ranges = ranges(in: text, file: session.folder.shown(path))
      // A list cut short by accident must not shut every caller out.
      if ranges.isEmpty { value.fail("the file \"\(value.shown)\" lists no address") }
      if ranges.count > RoutesLimits.addresses.upperBound {
        value.fail("the file \"\(value.shown)\" lists more than \(RoutesLimits.addresses.upperBound) addresses")
      }
      return ranges
    } catch {
      value.fail("the file \"\(value.shown)\" cannot be read: \(error.reason)")
      return []
    }
  }

  private func ranges(in text: String, file: String) -> [AddressRange] {
    var ranges: [AddressRange] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let content = line.prefix { $0 != "#" }
      guard let start = content.firstIndex(where: { !$0.isWhitespace }) else { continue }
      let entry = content[start...].prefix { !$0.isWhitespace }
      let rest = content[entry.endIndex...]
      if let range = AddressRange(entry), rest.allSatisfy(\.isWhitespace) {
        ranges.append(range)
      } else {
        let column = line.unicodeScalars.distance(from: line.startIndex, to: start) + 1
        session.error(
          "this line is neither an address nor a CIDR; write one a line, as in 203.0.113.0/24",
          at: SourceLocation(file: file, line: index + 1, column: column))
      }
    }
    return ranges
  }
}
