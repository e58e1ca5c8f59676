import Foundation

/// A moment of wall-clock time in whole milliseconds since the Unix epoch.
package struct Timestamp: Hashable, Sendable, Comparable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package init(seconds: Int64) { milliseconds = seconds * 1000 }

  /// The system's clock, now.
  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package var seconds: Int64 { milliseconds / 1000 }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// Saturates instead of overflowing: "for ever" is a duration an operator may write.
  package static func + (left: Timestamp, duration: Duration) -> Timestamp {
    let (sum, overflow) = left.milliseconds.addingReportingOverflow(duration.milliseconds)
    return Timestamp(milliseconds: overflow ? .max : sum)
  }

  package static func - (left: Timestamp, duration: Duration) -> Timestamp {
    let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(duration.milliseconds)
    return Timestamp(milliseconds: overflow ? .min : difference)
  }

  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.milliseconds - right.milliseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-20T20:36:00.123Z`.
  package var description: String {
    // Beyond the years that RFC 3339 can write, the nearest one that it can.
    let written = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)
    let days = Int((Double(written) / 86_400_000).rounded(.down))
    let inDay = Int(written - Int64(days) * 86_400_000)
    let date = Self.civil(daysSinceEpoch: days)
    return Self.padded(date.year, 4) + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2) + "T"
      + Self.padded(inDay / 3_600_000, 2) + ":" + Self.padded(inDay / 60_000 % 60, 2) + ":"
      + Self.padded(inDay / 1000 % 60, 2) + "." + Self.padded(inDay % 1000, 3) + "Z"
  }

  /// Reads RFC 3339 with `Z` or an offset, with or without a fraction of a second.
  package init?(_ text: String) {
    // Foundation's parser takes a time with anything behind it.
    let shape = /[0-9-]{10}[Tt][0-9:]{8}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})/
    guard text.wholeMatch(of: shape) != nil else { return nil }
    let plain = Date.ISO8601FormatStyle()
    let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = (try? plain.parse(text)) ?? (try? fractional.parse(text)) else { return nil }
    milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    // It also takes 30 February, for 2 March.
    let day = text.prefix(10)
    guard let midnight = try? plain.parse("\(day)T00:00:00Z"),
      Timestamp(milliseconds: Int64(midnight.timeIntervalSince1970 * 1000)).description.hasPrefix(day)
    else { return nil }
  }

  /// The proleptic Gregorian date of a day, by the usual 400-year cycle of days that starts on a 1 March.
  private static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = daysSinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// Reads the wall clock; a test gives its own.
package typealias WallClock = @Sendable () -> Timestamp
