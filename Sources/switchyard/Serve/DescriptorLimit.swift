import Foundation

/// How many files and connections the process may have open.
enum DescriptorLimit {
  /// Takes what the system allows: the soft limit is made for programs that use `select`, which this one does not.
  static func raise() {
    guard var limit = read() else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many connections the two doors may have open. The rest is for subscribers, the journal and the runtime, which
  /// ends the process when it finds no descriptor.
  static var doors: (callbacks: Int, admin: Int) {
    let limit = read().map { Int(clamping: $0.rlim_cur) } ?? 1024
    return (min(16_384, max(1, limit / 2)), min(4096, max(1, limit / 16)))
  }

  private static func read() -> rlimit? {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
  }
}
