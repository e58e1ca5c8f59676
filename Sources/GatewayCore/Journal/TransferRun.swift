/// One move of a journal into an empty one: copied page by page, read back, and compared by counts and by SHA-256 over
/// everything, before the target becomes a journal that can be opened.
package struct TransferRun {
  package enum Phase: Hashable, Sendable { case copying, verifying }

  /// Bounds of a page, and so of a transaction.
  package static let pageLimit = ReadLimit(batches: 1000, bytes: 8 << 20)

  private let source: any JournalTransfer
  private let target: any JournalTransfer
  private let digest: any Digest
  private let limit: ReadLimit

  package init(
    from source: any JournalTransfer, to target: any JournalTransfer, digest: any Digest,
    limit: ReadLimit = Self.pageLimit
  ) {
    self.source = source
    self.target = target
    self.digest = digest
    self.limit = limit
  }

  /// - Parameter progress: Told after each page how many records are done.
  /// - Returns: SHA-256 over all records.
  /// - Throws: `.refused` if the target is not empty, and nothing was done; else the target cannot be opened afterwards.
  package func run(_ outline: TransferOutline, progress: (Phase, _ done: Int) -> Void) async throws(JournalError)
    -> [UInt8]
  {
    try await target.beginTransfer()
    let copied = try await pass(source, outline, .copying, progress) { page throws(JournalError) in
      try await target.take(page)
    }
    let found = try await pass(target, outline, .verifying, progress) { _ in }
    guard copied == found else { throw .unavailable("what was written is not what was read, by its SHA-256") }
    try await target.finishTransfer(outline)
    return copied
  }

  private func pass(
    _ journal: any JournalTransfer, _ outline: TransferOutline, _ phase: Phase, _ progress: (Phase, Int) -> Void,
    each: ([TransferRecord]) async throws(JournalError) -> Void
  ) async throws(JournalError) -> [UInt8] {
    var sum = TransferDigest(digest)
    sum.add(outline)
    var done = 0
    for section in TransferSection.allCases {
      let before = done
      var page = try await journal.transferPage(of: section, after: nil, limit: limit)
      while !page.records.isEmpty {
        try await each(page.records)
        for record in page.records { sum.add(record) }
        done += page.records.count
        progress(phase, done)
        guard let next = page.next else { break }
        page = try await journal.transferPage(of: section, after: next, limit: limit)
      }
      let expected = outline.counts[section] ?? 0
      guard done - before == expected else {
        throw .unavailable("there are \(done - before) \(section.rawValue) instead of \(expected)")
      }
    }
    return sum.value
  }
}
