import DequeModule
import GatewayCore

/// Which way an append goes: a value, tested without a journal.
///
/// A callback that comes after another was answered follows it in the journal. So as long as anything is in the spool,
/// everything goes there, behind it; and before things go straight to the journal again, new ones are held for the
/// moment that draining the rest takes.
struct SpoolGate<Append: Sendable>: Sendable {
  enum Phase: Equatable {
    /// To the journal.
    case direct
    /// To the spool.
    case spooling
    /// New ones are held while the last of the spool are drained.
    case handingOver
  }

  enum Turn {
    case toJournal
    /// In this order, this one the last.
    case toSpool([Append])
    case held
  }

  private(set) var phase: Phase
  /// Appends on their way into the spool.
  private(set) var storing = 0
  private var held: Deque<Append> = []
  private let heldAtMost: Int
  /// Whether the journal has taken what it was given last.
  private(set) var isJournalUp = true
  /// Whether the spool has refused what it was given last.
  private var isSpoolFailing = false
  /// Why the journal took nothing, for whoever gets no answer from the spool either.
  private(set) var journalFailure: JournalError?

  /// - Parameter isEmpty: Whether a former run has left nothing in the spool.
  init(isEmpty: Bool, heldAtMost: Int) {
    phase = isEmpty ? .direct : .spooling
    self.heldAtMost = heldAtMost
  }

  /// A new append.
  mutating func take(_ append: Append) -> Turn {
    switch phase {
    case .direct: return .toJournal
    case .spooling:
      // Rather out of order than refused.
      guard !isSpoolFailing || !isJournalUp else { return .toJournal }
      storing += 1
      return .toSpool([append])
    case .handingOver:
      held.append(append)
      return held.count > heldAtMost ? .toSpool(cancelHandOver()) : .held
    }
  }

  mutating func journalTook() {
    isJournalUp = true
    journalFailure = nil
  }

  /// The journal has not taken an append, which goes to the spool now: what comes later must not overtake it.
  ///
  /// - Returns: What is to go to the spool before it.
  mutating func journalFailed(_ error: JournalError) -> [Append] {
    (isJournalUp, journalFailure) = (false, error)
    let before = phase == .handingOver ? cancelHandOver() : []
    phase = .spooling
    storing += 1
    return before
  }

  /// The journal has not taken what was drained.
  mutating func drainFailed(_ error: JournalError) { (isJournalUp, journalFailure) = (false, error) }

  mutating func stored(_ isStored: Bool) {
    storing -= 1
    isSpoolFailing = !isStored
  }

  /// False if there is nothing to hand over.
  mutating func beginHandOver() -> Bool {
    guard phase == .spooling else { return false }
    phase = .handingOver
    return true
  }

  /// The spool is empty: what is held, and all that comes, goes to the journal. Nil if the hand-over was cancelled, or
  /// something is still on its way into the spool.
  mutating func finishHandOver() -> [Append]? {
    guard phase == .handingOver, storing == 0 else { return nil }
    (phase, isSpoolFailing) = (.direct, false)
    defer { held = [] }
    return Array(held)
  }

  /// What is held goes to the spool after all.
  mutating func cancelHandOver() -> [Append] {
    guard phase == .handingOver else { return [] }
    phase = .spooling
    storing += held.count
    defer { held = [] }
    return Array(held)
  }
}
