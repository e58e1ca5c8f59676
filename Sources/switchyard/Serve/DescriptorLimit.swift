import Foundation

/// How many files and connections the process may have open.
enum DescriptorLimit {
  /// Takes what the system allows: the soft limit is made for programs that use `select`, which this one does not.
  static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
