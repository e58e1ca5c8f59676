import Foundation
package import GatewayCore

/// A name has no addresses, or they could not be asked for now.
package struct LookupFailure: Error {
  /// The system's words.
  package let reason: String
  /// Whether nobody could be asked, so that nothing is known of the name.
  package let isTemporary: Bool

  package init(reason: String, isTemporary: Bool = false) {
    self.reason = reason
    self.isTemporary = isTemporary
  }
}

/// Asks the system for a name's addresses: hosts file, name servers, whatever it is set up to use.
package enum HostLookup {
  /// More than a handful is a mistake, or no friend of ours.
  private static let addressLimit = 16

  /// Blocks until the system knows or gives up.
  package static func addresses(of name: String) throws(LookupFailure) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else {
      throw LookupFailure(
        reason: String(cString: gai_strerror(code)), isTemporary: code == EAI_AGAIN || code == EAI_SYSTEM)
    }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = list
    while let entry = next, addresses.count < addressLimit {
      if let socketAddress = entry.pointee.ai_addr, let address = IPAddress(socketAddress),
        !addresses.contains(address)
      {
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw LookupFailure(reason: "it has no addresses") }
    return addresses
  }
}
