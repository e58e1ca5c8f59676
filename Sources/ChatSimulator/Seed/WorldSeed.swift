package import GatewayCore

/// What a seed file says: JSON lines, one account a line, blank lines aside.
///
/// Every account that is named exists, also one that is only on a list. The lists of an account are its own: of two
/// friends each names the other, unless their friendship is to be one-sided. Rules are not asked, so that also what no
/// call could make can be tried.
package struct WorldSeed: Sendable {
  private let lines: [(number: Int, line: SeedLine)]

  /// - Throws: What is wrong with the first line that cannot be taken.
  package init(_ bytes: [UInt8]) throws(SeedError) {
    var lines: [(number: Int, line: SeedLine)] = []
    for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !text.allSatisfy({ $0 <= 0x20 }) {
      lines.append((index + 1, try SeedLine(text, number: index + 1)))
    }
    self.lines = lines
  }

  /// The relationships to begin with.
  ///
  /// - Parameters:
  ///   - apps: Those that there are; nil: any.
  ///   - graph: What each app has before.
  /// - Throws: Which line names another app, or goes beyond what is kept.
  package func graphs(
    of apps: Set<AppID>?, from graph: RelationshipGraph, maxEntries: Int = RESTEndpoint.maxEntries
  ) throws(SeedError) -> StartingGraphs {
    let named = apps ?? Set(lines.compactMap(\.line.appID))
    var start = StartingGraphs(named: Dictionary(uniqueKeysWithValues: named.map { ($0, graph) }), others: graph)
    var entryCount = 0
    for (number, line) in lines {
      if let appID = line.appID, !named.contains(appID) {
        throw SeedError(line: number, reason: "app \(appID) is not simulated; give it with --sdkappid")
      }
      let concerned = line.appID.map { [$0] } ?? Array(named)
      entryCount += max(1, concerned.count) * (line.friends.count + line.blocks.count)
      guard entryCount <= maxEntries else {
        throw SeedError(line: number, reason: "more than \(maxEntries) friends and blocks; give fewer")
      }
      for appID in concerned { line.apply(to: &start.named[appID, default: graph]) }
      if line.appID == nil { line.apply(to: &start.others) }
    }
    return start
  }
}

extension SeedLine {
  fileprivate func apply(to graph: inout RelationshipGraph) {
    if isForeign { graph.accounts.addForeign(account) } else { graph.accounts.add(account) }
    if let requests { graph.accounts.set(requests, of: account) }
    if let failure { graph.accounts.set(failure: failure, of: account) }
    for friend in friends {
      graph.accounts.add(friend)
      graph.seedFriend(friend, of: account)
    }
    for blocked in blocks {
      graph.accounts.add(blocked)
      graph.seedBlocked(blocked, of: account)
    }
  }
}
