package import NIOCore

/// Decides which lines of one kind are written: a bounded number each second, then a count of the others.
package struct RefusalLogLimiter: Sendable {
  package enum Verdict: Hashable, Sendable {
    case write
    case hold
    /// The first line that is held: the count of them is wanted when the second is over.
    case holdAndCountLater
  }

  package static let window = TimeAmount.seconds(1)

  private let linesPerWindow: Int
  private var windowEnd: NIODeadline = .uptimeNanoseconds(0)
  private var written = 0
  private var held = 0

  package init(linesPerWindow: Int) { self.linesPerWindow = linesPerWindow }

  package mutating func admit(at now: NIODeadline) -> Verdict {
    if now >= windowEnd {
      windowEnd = now + Self.window
      written = 0
    }
    if written < linesPerWindow {
      written += 1
      return .write
    }
    held += 1
    return held == 1 ? .holdAndCountLater : .hold
  }

  /// How many lines were held since this was last asked.
  package mutating func takeHeldCount() -> Int {
    defer { held = 0 }
    return held
  }
}
