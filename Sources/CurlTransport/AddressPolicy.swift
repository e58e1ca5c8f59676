package import GatewayCore

/// Which addresses may be dialled, judged on the address itself and not on the name it was found under.
///
/// Always refused are link-local, multicast, unspecified and broadcast addresses, and the gateway's own doors; with
/// `private_addresses: deny` every special-purpose address is.
package struct AddressPolicy: Sendable {
  /// Where the gateway itself listens. Without an address, on every address of this machine.
  package struct Door: Hashable, Sendable {
    package let address: IPAddress?
    package let port: Int

    package init(address: IPAddress?, port: Int) {
      let isWildcard = address?.bytes.allSatisfy { $0 == 0 } ?? true
      self.address = isWildcard ? nil : address
      self.port = port
    }
  }

  private let doors: [Door]
  private let localAddresses: LocalAddresses

  package init(doors: [Door] = [], localAddresses: LocalAddresses = .shared) {
    self.doors = doors
    self.localAddresses = localAddresses
  }

  /// Why an address is refused, in one sentence; nil if it is not.
  package func refusal(of address: IPAddress, port: Int, privateAddresses: Endpoint.PrivateAddresses) -> String? {
    if isDoor(address, port: port) { return "\(address) port \(port) is a door of this gateway itself" }
    for judged in [address, SpecialPurposeAddress.embedded(in: address)].compactMap({ $0 }) {
      guard let special = SpecialPurposeAddress.of(judged) else { continue }
      if special.isAlwaysRefused {
        return "\(address) is a \(special.purpose.rawValue) address, which is always refused"
      }
      if privateAddresses == .deny {
        return "\(address) is a \(special.purpose.rawValue) address, and private addresses are refused"
      }
    }
    return nil
  }

  private func isDoor(_ address: IPAddress, port: Int) -> Bool {
    doors.contains { door in
      guard door.port == port else { return false }
      if let own = door.address { return own == address }
      return SpecialPurposeAddress.of(address)?.purpose == .loopback || localAddresses.contains(address)
    }
  }
}
