import Foundation
package import GatewayCore
import Synchronization

/// The value of the `Date` field (RFC 9110, section 5.6.7), written once a second for all connections.
package final class ResponseDate: Sendable {
  private let last = Mutex<(second: Int64, text: String)>((.min, ""))

  package init() {}

  package func text(at time: Timestamp) -> String {
    last.withLock { last in
      if last.second != time.seconds { last = (time.seconds, Self.format(seconds: time.seconds)) }
      return last.text
    }
  }

  private static func format(seconds: Int64) -> String {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0) }.joined(separator: ":")
    return "\(days[Int(parts.tm_wday)]), \(padded(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
      + "\(Int(parts.tm_year) + 1900) \(clock) GMT"
  }

  private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
