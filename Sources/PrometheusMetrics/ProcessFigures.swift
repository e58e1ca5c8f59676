import Foundation

/// What the kernel says about this process, under the names that every Prometheus client uses.
struct ProcessFigures: Hashable, Sendable {
  var cpuSeconds: Double
  var residentBytes: Double
  var virtualBytes: Double
  var openDescriptors: Double
  /// The soft limit; infinite if there is none.
  var maximumDescriptors: Double
  /// Unix seconds.
  var startTime: Double

  /// Nil where there is no `/proc`.
  static func read() -> ProcessFigures? {
    guard let stat = statFields(), let bootTime, let maximum = maximumDescriptors(),
      let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    return ProcessFigures(
      cpuSeconds: (stat[.userTicks] + stat[.systemTicks]) / ticksPerSecond,
      residentBytes: stat[.residentPages] * Double(sysconf(Int32(_SC_PAGESIZE))), virtualBytes: stat[.virtualBytes],
      // Reading the directory takes a descriptor that is in it.
      openDescriptors: Double(descriptors.count - 1), maximumDescriptors: maximum,
      startTime: bootTime + stat[.startTicks] / ticksPerSecond)
  }

  var families: [DeclaredFamily] {
    [
      family("process_cpu_seconds_total", .counter, "User and system CPU time spent, in seconds.", cpuSeconds),
      family("process_resident_memory_bytes", .gauge, "Resident memory, in bytes.", residentBytes),
      family("process_virtual_memory_bytes", .gauge, "Virtual memory, in bytes.", virtualBytes),
      family("process_open_fds", .gauge, "Open file descriptors.", openDescriptors),
      family("process_max_fds", .gauge, "The most file descriptors that may be open.", maximumDescriptors),
      family("process_start_time_seconds", .gauge, "When the process started, in Unix seconds.", startTime),
    ]
  }

  private func family(_ name: String, _ kind: MetricKind, _ help: String, _ value: Double) -> DeclaredFamily {
    DeclaredFamily(
      name: name, help: help, kind: kind, series: [.none: MetricFigure(family: name, value: value)])
  }
}

extension ProcessFigures {
  /// Fields of `/proc/self/stat` (proc(5)), counted from the one after the command's name.
  private enum StatField: Int {
    case userTicks = 11
    case systemTicks = 12
    case startTicks = 19
    case virtualBytes = 20
    case residentPages = 21
  }

  private struct StatFields {
    let numbers: [Double]

    subscript(field: StatField) -> Double { numbers[field.rawValue] }
  }

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  /// Unix seconds; read once, for it wanders when the clock is set.
  private static let bootTime = line(of: "/proc/stat", startingWith: "btime ").flatMap { Double($0.dropFirst(6)) }

  private static func statFields() -> StatFields? {
    // The command's name stands in parentheses and may hold anything, also spaces and parentheses.
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    let numbers = text[text.index(after: nameEnd)...].split(separator: " ").map { Double($0) ?? 0 }
    return numbers.count > StatField.residentPages.rawValue ? StatFields(numbers: numbers) : nil
  }

  private static func maximumDescriptors() -> Double? {
    guard let line = line(of: "/proc/self/limits", startingWith: "Max open files") else { return nil }
    let words = line.split(separator: " ")
    guard words.count > 3 else { return nil }
    return words[3] == "unlimited" ? .infinity : Double(words[3])
  }

  private static func line(of path: String, startingWith start: String) -> Substring? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix(start) }
  }
}
