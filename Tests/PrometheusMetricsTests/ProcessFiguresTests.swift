import Foundation
import Testing

@testable import PrometheusMetrics

@Suite("The figures of the process")
struct ProcessFiguresTests {
  @Test("are those of this very process")
  func plausible() throws {
    let figures = try #require(ProcessFigures.read())
    let now = Date().timeIntervalSince1970
    #expect(figures.cpuSeconds >= 0 && figures.cpuSeconds < 100_000)
    #expect(figures.residentBytes > 1_048_576 && figures.residentBytes < figures.virtualBytes)
    #expect(figures.openDescriptors >= 3 && figures.openDescriptors <= figures.maximumDescriptors)
    #expect(figures.startTime > now - 86_400 && figures.startTime < now + 2)
  }

  @Test("count a descriptor that is opened")
  func descriptors() throws {
    let files = try (0..<200).map { _ in try FileHandle(forReadingFrom: URL(filePath: "/dev/null")) }
    defer { for file in files { try? file.close() } }
    #expect(try #require(ProcessFigures.read()).openDescriptors >= 200)
  }

  @Test("stand among the other families in both formats")
  func exposed() {
    let figures = ProcessFigures(
      cpuSeconds: 1.25, residentBytes: 4096, virtualBytes: 8192, openDescriptors: 7, maximumDescriptors: .infinity,
      startTime: 1_764_000_000.5)
    let registry = PrometheusRegistry(readProcess: { figures })
    registry.declare(name: "process_a", help: "First.", kind: .gauge)
    #expect(
      registry.exposition(openMetrics: true) == """
        # HELP process_a First.
        # TYPE process_a gauge
        # HELP process_cpu_seconds User and system CPU time spent, in seconds.
        # TYPE process_cpu_seconds counter
        process_cpu_seconds_total 1.25
        # HELP process_max_fds The most file descriptors that may be open.
        # TYPE process_max_fds gauge
        process_max_fds +Inf
        # HELP process_open_fds Open file descriptors.
        # TYPE process_open_fds gauge
        process_open_fds 7
        # HELP process_resident_memory_bytes Resident memory, in bytes.
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes 4096
        # HELP process_start_time_seconds When the process started, in Unix seconds.
        # TYPE process_start_time_seconds gauge
        process_start_time_seconds 1764000000.5
        # HELP process_virtual_memory_bytes Virtual memory, in bytes.
        # TYPE process_virtual_memory_bytes gauge
        process_virtual_memory_bytes 8192
        # EOF

        """)
  }
}
