import GatewayCore

/// The addresses of one authority in the form that libcurl takes; transfers keep it for as long as they run.
final class KnownAddresses {
  /// How long they will do beyond their time while nobody says what the new ones are.
  static let staleLifetime = Duration.seconds(600)

  let list: StringList
  private(set) var validUntil: ContinuousClock.Instant
  let usableUntil: ContinuousClock.Instant

  init(_ addresses: [IPAddress], of authority: Authority, validUntil: ContinuousClock.Instant) {
    list = StringList(addresses: addresses, of: authority)
    self.validUntil = validUntil
    usableUntil = validUntil + Self.staleLifetime
  }

  /// They will do a while longer.
  func prolong(until moment: ContinuousClock.Instant) { validUntil = min(moment, usableUntil) }
}
