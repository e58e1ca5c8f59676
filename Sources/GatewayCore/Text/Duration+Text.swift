extension Duration {
  /// Whole milliseconds, rounded toward zero; saturates.
  package var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? (seconds > 0 ? .max : .min) : scaled + attoseconds / 1_000_000_000_000_000
  }

  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  /// Reads what an operator writes: a whole number and one of `ms`, `s`, `m`, `h`, `d`, as in `1500ms` or `7d`.
  package init?(text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard let number = Int64(digits), number <= 1_000_000_000_000 else { return nil }
    switch text[digits.endIndex...] {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    case "d": self = .seconds(number * 86_400)
    default: return nil
    }
  }

  /// The shortest text that `init(text:)` reads back.
  package var text: String {
    let total = milliseconds
    for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] as [(Int64, String)]
    where total != 0 && total % size == 0 {
      return "\(total / size)\(unit)"
    }
    return total == 0 ? "0s" : "\(total)ms"
  }
}
