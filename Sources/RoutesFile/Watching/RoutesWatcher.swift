/// Tells when the routes file, an include (also a new one that a pattern matches) or a file referred to has changed.
///
/// It polls, because that sees every way of replacing a file: writing in place, renaming over it, and Kubernetes'
/// swap of a symbolic link; also over a network. After each change it reads the routes file itself to learn what to
/// watch from now on, whether the file is good or bad, so that putting a missing secret in its place is noticed too.
///
/// Make it before the first load: what changes after that is told, never missed. Then run `run()` once and reload for
/// each element of `changes`. A file is told of at most `interval` + `settling` after it has changed.
package final class RoutesWatcher: Sendable {
  package static let defaultInterval = Duration.milliseconds(500)
  /// Time for a file that is being written to become whole.
  package static let defaultSettling = Duration.milliseconds(100)

  /// One element for all that has changed since the last one was taken.
  package let changes: AsyncStream<Void>

  private let continuation: AsyncStream<Void>.Continuation
  private let loader: RoutesLoader
  private let path: String
  private let interval: Duration
  private let settling: Duration
  private let baseline: FileSnapshot

  package init(
    loader: RoutesLoader, path: String, interval: Duration = RoutesWatcher.defaultInterval,
    settling: Duration = RoutesWatcher.defaultSettling
  ) {
    (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.loader = loader
    self.path = path
    self.interval = interval
    self.settling = settling
    baseline = loader.snapshot(of: path)
  }

  /// Polls until the task is cancelled, then ends `changes`.
  package func run() async {
    defer { continuation.finish() }
    var seen = baseline
    while (try? await Task.sleep(for: interval)) != nil {
      guard seen.isOutdated else { continue }
      guard (try? await Task.sleep(for: settling)) != nil else { return }
      // Before the reload that follows, so that what changes during it is told of again.
      seen = loader.snapshot(of: path)
      continuation.yield()
    }
  }
}
