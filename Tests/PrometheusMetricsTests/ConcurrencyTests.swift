import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite("Recording from many tasks at once")
struct ConcurrencyTests {
  private static let tasks = 8
  private static let rounds = 5000

  private let registry = PrometheusRegistry(readProcess: { nil })

  @Test("loses no increment and no observation")
  func nothingLost() async {
    registry.declare(name: "test_total", help: "Counts.", kind: .counter)
    registry.declare(name: "test_level", help: "Level.", kind: .gauge)
    registry.declare(name: "test_seconds", help: "Seconds.", kind: .histogram(buckets: [1, 2]))
    await withTaskGroup { group in
      for _ in 0..<Self.tasks {
        group.addTask { [registry] in
          for round in 0..<Self.rounds {
            // Handles are made anew to meet in the registry too.
            Counter(label: "test_total", factory: registry).increment()
            FloatingPointCounter(label: "test_total", factory: registry).increment(by: 0.5)
            Meter(label: "test_level", factory: registry).increment(by: 2)
            Recorder(label: "test_seconds", aggregate: true, factory: registry).record(round % 2 == 0 ? 0.5 : 1.5)
          }
        }
      }
    }
    let all = Self.tasks * Self.rounds
    let lines = registry.exposition(openMetrics: false).split(separator: "\n").map(String.init)
    #expect(lines.contains("test_total \(all + all / 2)"))
    #expect(lines.contains("test_level \(all * 2)"))
    #expect(lines.contains(#"test_seconds_bucket{le="1"} \#(all / 2)"#))
    #expect(lines.contains("test_seconds_count \(all)"))
    #expect(lines.contains("test_seconds_sum \(all)"))
  }

  @Test("every exposition taken meanwhile has buckets that rise to the count")
  func consistentLooks() async throws {
    registry.declare(name: "test_seconds", help: "Seconds.", kind: .histogram(buckets: [1, 2, 3]))
    let recorder = Recorder(label: "test_seconds", aggregate: true, factory: registry)
    await withTaskGroup { group in
      group.addTask {
        for round in 0..<Self.rounds { recorder.record(Double(round % 5)) }
      }
      group.addTask { [registry] in
        for _ in 0..<200 {
          let counts = registry.exposition(openMetrics: false).split(separator: "\n")
            .filter { $0.hasPrefix("test_seconds_bucket") || $0.hasPrefix("test_seconds_count") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
          #expect(counts == counts.sorted())
          #expect(counts.count == 5 && counts[3] == counts[4])
        }
      }
    }
  }
}
