import Foundation
import Testing

@testable import switchyard

@Suite("A line writer")
struct LineWriterTests {
  @Test("keeps the lines of many threads whole")
  func wholeLines() async throws {
    let pipe = Pipe()
    let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: nil)
    async let reading = onOwnThread { try pipe.fileHandleForReading.readToEnd() }
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          try await onOwnThread {
            for _ in 0..<200 { writer.write(String(repeating: String(number), count: 500)) }
          }
        }
      }
      try await group.waitForAll()
    }
    try pipe.fileHandleForWriting.close()
    let lines = String(decoding: try await reading ?? Data(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 1600)
    #expect(lines.allSatisfy { $0.count == 500 && Set($0).count == 1 })
  }

  @Test("tells a sentence as one line in which nothing acts on a terminal")
  func sentence() throws {
    let pipe = Pipe()
    LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: nil).tell("n\u{1B}[31m\nm\u{9B}é")
    try pipe.fileHandleForWriting.close()
    let told = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(told == #"n\u001b[31m\u000am\u009bé"# + "\n")
  }

  @Test("says that nobody reads any more, and the process goes on")
  func closedPipe() throws {
    let pipe = Pipe()
    let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: .seconds(1))
    try pipe.fileHandleForReading.close()
    #expect(writer.write("anybody?") == .closed)
  }

  @Test("drops lines while the reader is stuck, and writes again once it reads")
  func stuckReader() throws {
    let pipe = Pipe()
    let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: .milliseconds(10))
    let line = String(repeating: "x", count: 1000)
    // A pipe holds 64 KiB.
    let outcomes = (0..<200).map { _ in writer.write(line) }
    #expect(outcomes.first == .written)
    #expect(outcomes.last == .dropped)
    while writer.write("again") != .written {
      _ = try pipe.fileHandleForReading.read(upToCount: 4096)
    }
    try pipe.fileHandleForWriting.close()
    let rest = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(rest.hasSuffix("\nagain\n"))
  }

  @Test("waits for a descriptor that is set not to block")
  func nonBlocking() async throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
    async let reading = onOwnThread { try pipe.fileHandleForReading.readToEnd() }
    let writer = LineWriter(descriptor: descriptor, patience: nil)
    let outcome = try await onOwnThread { writer.write(String(repeating: "y", count: 1 << 20)) }
    #expect(outcome == .written)
    try pipe.fileHandleForWriting.close()
    #expect(try await reading?.count == 1 << 20 + 1)
  }
}
