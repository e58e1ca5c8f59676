import ArgumentParser

/// The exit codes that scripts may rely on, beside 0 for done.
enum ExitStatus {
  /// It failed while running.
  static let failure = ExitCode(1)
  /// Bad usage, as in `sysexits.h`.
  static let usage = ExitCode(64)
  /// Bad configuration, as in `sysexits.h`.
  static let configuration = ExitCode(78)
}
