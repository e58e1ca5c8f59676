/// A number of bytes as operators write it: `4096`, `64KiB`, `256MiB`, `10GiB`, `1TiB`, or with the decimal units `KB`, `MB`, `GB`, `TB`.
package struct ByteSize: Hashable, Sendable, Comparable {
  package let bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  package static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }

  package init?(text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let number = Int(digits), let unit = Self.units[String(text[digits.endIndex...])] else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    self.bytes = bytes
  }

  package var text: String {
    for (unit, size) in [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    where bytes >= size && bytes % size == 0 {
      return "\(bytes / size)\(unit)"
    }
    return String(bytes)
  }

  package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

  private static let units: [String: Int] = [
    "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
    "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
  ]
}
