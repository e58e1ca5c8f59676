import GatewayCore

/// What all parts of one load share: where relative paths start, what was wrong so far, and what was looked at.
///
/// Every file is read through it, so that the snapshot holds each as it was just before it was read.
final class LoadSession {
  let folder: RoutesFolder
  let environment: [String: String]
  private(set) var snapshot = FileSnapshot()
  /// What was read of the files of a `tls`: subscribers share them, and they are long.
  var tlsContents: [TLSPaths: TLSContents] = [:]
  private var problems: [RoutesProblem] = []

  init(folder: RoutesFolder, environment: [String: String]) {
    self.folder = folder
    self.environment = environment
  }

  func error(_ message: String, at location: SourceLocation) {
    report([location.problem(.error, message)])
  }

  func warn(_ message: String, at location: SourceLocation) {
    report([location.problem(.warning, message)])
  }

  func report(_ problems: [RoutesProblem]) { self.problems += problems }

  /// Runs `body` and returns what it reported instead of keeping it.
  func capturing<Value>(_ body: () -> Value) -> (value: Value, problems: [RoutesProblem]) {
    let before = problems
    problems = []
    defer { problems = before }
    return (body(), problems)
  }

  /// Each problem once, though a default is read again for every subscriber that it serves.
  var sortedProblems: [RoutesProblem] {
    Set(problems).sorted { left, right in
      (left.file, left.line ?? 0, left.column ?? 0, left.message)
        < (right.file, right.line ?? 0, right.column ?? 0, right.message)
    }
  }

  func text(ofFileAt path: String, limit: ByteSize) throws(UnreadableFile) -> String {
    snapshot.look(at: path)
    return try BoundedFile(path: path, limit: limit).text()
  }

  func bytes(ofFileAt path: String, limit: ByteSize) throws(UnreadableFile) -> [UInt8] {
    snapshot.look(at: path)
    return try BoundedFile(path: path, limit: limit).bytes()
  }

  func files(matching pattern: PathPattern) -> [String] { snapshot.look(for: pattern) }
}
