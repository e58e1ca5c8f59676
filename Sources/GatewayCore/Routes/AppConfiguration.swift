/// One Tencent app in the routes file: whose callbacks are taken, and how they are checked.
package struct AppConfiguration: Hashable, Sendable {
  /// What happens to a callback from an address that is not allowed.
  package enum AllowMode: String, Hashable, Sendable, CaseIterable { case enforce, report }

  package enum Duplicates: Hashable, Sendable {
    case byRequestID
    case byBody(within: Duration)
    case none
  }

  package var id: AppID
  /// Any of them may have signed; empty: no signature is asked for.
  package var tokens: [Secret]
  /// How far `RequestTime` may be from now, both ways.
  package var clockTolerance: Duration
  /// Nil: from anywhere. The list and the file together.
  package var allowedAddresses: [AddressRange]?
  package var allowMode: AllowMode
  package var duplicates: Duplicates

  package init(
    id: AppID, tokens: [Secret] = [], clockTolerance: Duration = .seconds(60),
    allowedAddresses: [AddressRange]? = nil, allowMode: AllowMode = .enforce, duplicates: Duplicates = .byRequestID
  ) {
    self.id = id
    self.tokens = tokens
    self.clockTolerance = clockTolerance
    self.allowedAddresses = allowedAddresses
    self.allowMode = allowMode
    self.duplicates = duplicates
  }

  /// Whether its callbacks may come from an address. One that nobody can tell is not on anybody's list.
  package func allows(_ address: IPAddress?) -> Bool {
    guard let ranges = allowedAddresses else { return true }
    return address.map { address in ranges.contains { $0.contains(address) } } ?? false
  }
}
