import Foundation
import GatewayCore

/// Figures as a person reads them. Scripts take `--json`, where none of this is done.
enum HumanText {
  /// Exact, in groups of three: `1,234,567`.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var groups: [Substring] = []
    var rest = Substring(digits)
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
  }

  /// `1 event`, `2,000 events`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `9.1 GiB`.
  static func size(_ bytes: Int) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    guard bytes >= 1024 else { return "\(bytes) B" }
    var (value, unit) = (Double(bytes) / 1024, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return String(format: "%.1f \(units[unit])", value)
  }

  /// `12 ms`, `1.2 s`, `3 m`: what an attempt took.
  static func duration(seconds: Double) -> String {
    switch seconds {
    case ..<0.9995: String(format: "%.0f ms", seconds * 1000)
    case ..<99.95: String(format: "%.1f s", seconds)
    default: span(seconds: seconds)
    }
  }

  /// `0.5`, `12.3`, `1,204`: so many a second.
  static func rate(_ perSecond: Double) -> String {
    perSecond < 999.95 ? String(format: "%.1f/s", perSecond) : count(Int(clamping(perSecond.rounded()))) + "/s"
  }

  /// `99.8 %`. What is not all is never rounded to it.
  static func share(_ ratio: Double) -> String {
    let percent = ratio < 1 ? min(ratio * 100, 99.9) : 100
    return percent == 100 ? "100 %" : String(format: "%.1f %%", percent)
  }

  /// How long ago: `3 m ago`, `in 2 h`, `now`.
  static func relative(_ moment: Timestamp, now: Timestamp) -> String {
    let seconds = (now - moment).inSeconds
    if abs(seconds) < 1 { return "now" }
    return seconds > 0 ? "\(span(seconds: seconds)) ago" : "in \(span(seconds: -seconds))"
  }

  /// The same of what the door has said; as it came if it is no time.
  static func relative(_ text: String?, now: Timestamp) -> String? {
    text.map { text in Timestamp(text).map { relative($0, now: now) } ?? text }
  }

  /// The largest unit that fits: `42 s`, `3 m`, `7 h`, `12 d`.
  static func span(seconds: Double) -> String {
    for (size, unit) in [(86_400.0, "d"), (3600, "h"), (60, "m")] where seconds >= 2 * size || seconds == size {
      return "\(Int(clamping(seconds / size))) \(unit)"
    }
    return "\(Int(clamping(seconds))) s"
  }

  private static func clamping(_ number: Double) -> Double { min(max(number, -1e15), 1e15) }
}
