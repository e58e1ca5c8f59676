import GatewayCore

/// The addresses of one authority in the form that libcurl takes; transfers keep it for as long as they run.
final class KnownAddresses {
  let list: StringList
  let validUntil: ContinuousClock.Instant

  init(_ addresses: [IPAddress], of authority: Authority, validUntil: ContinuousClock.Instant) {
    list = StringList(addresses: addresses, of: authority)
    self.validUntil = validUntil
  }
}
