import Synchronization

/// Remembers the authorities of URLs: parsing one for each request would cost as much as signing it.
final class AuthorityTable: Sendable {
  /// Well above the number of subscribers; beyond it the table starts anew.
  private static let limit = 4096

  private let known = Mutex<[String: Authority]>([:])

  func authority(of url: String) -> Authority? {
    if let authority = known.withLock({ $0[url] }) { return authority }
    guard let authority = Authority(url: url) else { return nil }
    known.withLock { known in
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[url] = authority
    }
    return authority
  }
}
