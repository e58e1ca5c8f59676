import Foundation
import GatewayCore

/// How the dashboard writes numbers: as short as they can be read at a glance.
enum DashboardText {
  /// What stands where nothing is known.
  static let unknown = "–"

  /// `12,345`, and from ten million on `12.3 M`.
  static func count(_ number: Int) -> String {
    if number >= 10_000_000_000 { return fixed(Double(number) / 1e9, 1) + " G" }
    if number >= 10_000_000 { return fixed(Double(number) / 1e6, 1) + " M" }
    var digits = String(number)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }

  /// `0`, `<0.1`, `3.2`, `154`.
  static func rate(_ perSecond: Double) -> String {
    if perSecond <= 0 { return "0" }
    if perSecond < 0.1 { return "<0.1" }
    return perSecond < 9.95 ? fixed(perSecond, 1) : count(Int(perSecond.rounded()))
  }

  /// `0.42 ms`, `240 ms`, `1.3 s`.
  static func timeParts(_ seconds: Double) -> (number: String, unit: String) {
    let milliseconds = seconds * 1000
    if milliseconds < 0.995 { return (fixed(milliseconds, 2), "ms") }
    if milliseconds < 9.95 { return (fixed(milliseconds, 1), "ms") }
    if milliseconds < 999.5 { return (fixed(milliseconds, 0), "ms") }
    return (fixed(seconds, seconds < 9.95 ? 1 : 0), "s")
  }

  static func time(_ seconds: Double?) -> String {
    guard let seconds else { return unknown }
    let (number, unit) = timeParts(seconds)
    return "\(number) \(unit)"
  }

  /// `3 s`, `4 min`, `2 h 5 min`, `3 d 4 h`.
  static func age(_ duration: Duration) -> String {
    let seconds = max(0, Int(duration / .seconds(1)))
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min"
    case ..<86_400: return joined(seconds / 3600, "h", seconds % 3600 / 60, "min")
    default: return joined(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }
  }

  /// `1.0 MiB`.
  static func bytes(_ count: Int) -> (number: String, unit: String) {
    var (amount, unit) = (Double(count), "B")
    for larger in ["KiB", "MiB", "GiB", "TiB"] where amount >= 1000 { (amount, unit) = (amount / 1024, larger) }
    return (unit == "B" || amount >= 99.95 ? fixed(amount, 0) : fixed(amount, 1), unit)
  }

  /// `99.4 %`; `100 %` only where nothing is missing.
  static func share(_ share: Double) -> String {
    if share >= 1 { return "100 %" }
    return fixed((share * 1000).rounded(.down) / 10, 1) + " %"
  }

  /// `20 Nov 2026, 20:36:00 UTC`.
  static func moment(_ timestamp: Timestamp) -> String {
    let text = timestamp.description
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), let day = Int(parts[2]) else { return text }
    return "\(day) \(months[month - 1]) \(parts[0]), \(text.dropFirst(11).prefix(8)) UTC"
  }

  static func plural(_ number: Int, _ one: String, _ more: String) -> String {
    "\(count(number)) \(number == 1 ? one : more)"
  }

  private static func joined(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(smallUnit)"
  }

  private static func fixed(_ number: Double, _ places: Int) -> String { String(format: "%.\(places)f", number) }
}
