import GatewayCore
import Testing

@testable import Spool

@Suite("Which way a callback goes")
struct SpoolGateTests {
  private let gate = GateUnderTest(isEmpty: true)

  @Test("straight to the journal, until that fails; then to the spool, behind the others")
  func failing() {
    #expect(gate.take(1) == "journal")
    #expect(gate.journalFailed(.deadlineExceeded) == [])
    #expect(gate.take(2) == "spool [2]")
    #expect(gate.storing == 2)
    #expect(gate.phase == .spooling)
  }

  @Test("to the spool, if a former run has left something there")
  func leftOver() {
    let gate = GateUnderTest(isEmpty: false)
    #expect(gate.take(1) == "spool [1]")
  }

  @Test("held while the last of the spool are drained, and then to the journal in order")
  func handingOver() {
    _ = gate.journalFailed(.deadlineExceeded)
    gate.stored(true)
    #expect(gate.beginHandOver())
    #expect(gate.take(1) == "held")
    #expect(gate.take(2) == "held")
    #expect(gate.finishHandOver() == [1, 2])
    #expect(gate.take(3) == "journal")
  }

  @Test("not handed over while one is on its way into the spool")
  func storing() {
    _ = gate.journalFailed(.deadlineExceeded)
    #expect(gate.beginHandOver())
    #expect(gate.take(1) == "held")
    #expect(gate.finishHandOver() == nil)
    #expect(gate.cancelHandOver() == [1])
    #expect(gate.storing == 2)
    gate.stored(true)
    gate.stored(true)
    #expect(gate.beginHandOver())
    #expect(gate.finishHandOver() == [])
  }

  @Test("never held without a bound")
  func tooMany() {
    _ = gate.journalFailed(.deadlineExceeded)
    gate.stored(true)
    #expect(gate.beginHandOver())
    _ = gate.take(1)
    _ = gate.take(2)
    #expect(gate.take(3) == "spool [1, 2, 3]")
    #expect(gate.storing == 3)
    #expect(gate.finishHandOver() == nil)
  }

  @Test("before what fails only now, if it was held")
  func failingLate() {
    _ = gate.journalFailed(.deadlineExceeded)
    gate.stored(true)
    #expect(gate.beginHandOver())
    _ = gate.take(1)
    #expect(gate.journalFailed(.full) == [1])
    #expect(gate.storing == 2)
    #expect(gate.take(2) == "spool [2]")
  }

  @Test("rather out of order than refused, where the spool fails and the journal does not")
  func failingSpool() {
    _ = gate.journalFailed(.unavailable("away"))
    gate.stored(false)
    #expect(gate.take(1) == "spool [1]")
    gate.stored(false)
    gate.journalTook()
    #expect(gate.take(2) == "journal")
    gate.drainFailed(.unavailable("away"))
    #expect(gate.take(3) == "spool [3]")
  }
}

/// A gate that may be asked within an expectation.
private final class GateUnderTest {
  private var gate: SpoolGate<Int>

  init(isEmpty: Bool) { gate = SpoolGate(isEmpty: isEmpty, heldAtMost: 2) }

  var phase: SpoolGate<Int>.Phase { gate.phase }
  var storing: Int { gate.storing }

  func take(_ append: Int) -> String {
    switch gate.take(append) {
    case .toJournal: "journal"
    case .toSpool(let appends): "spool \(appends)"
    case .held: "held"
    }
  }

  func journalTook() { gate.journalTook() }
  func journalFailed(_ error: JournalError) -> [Int] { gate.journalFailed(error) }
  func drainFailed(_ error: JournalError) { gate.drainFailed(error) }
  func stored(_ isStored: Bool) { gate.stored(isStored) }
  func beginHandOver() -> Bool { gate.beginHandOver() }
  func finishHandOver() -> [Int]? { gate.finishHandOver() }
  func cancelHandOver() -> [Int] { gate.cancelHandOver() }
}
