import Foundation
import FuzzDriver

@testable import AdminServer

/// A `Host` or `Origin` that passes for this machine names this machine to Foundation as well.
enum AuthorityCheck {
  static func check(host: String) {
    guard let authority = Authority(host), authority.isLoopback else { return }
    check("http://" + host, is: authority)
  }

  static func check(origin: String) {
    guard let authority = Authority(origin: origin), authority.isLoopback else { return }
    check(origin, is: authority)
  }

  private static func check(_ url: String, is authority: Authority) {
    guard let parts = URLComponents(string: url, encodingInvalidCharacters: false), let host = parts.host else {
      require(isKnownToBeRefused(url), "a URL is refused that Foundation refuses", url)
      return
    }
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    require(
      bare.utf8.map(lowercased) == Array(authority.host.utf8), "the host is Foundation's", "\(host) of \(url)")
    require(parts.user == nil && parts.path.isEmpty && parts.query == nil, "there is nothing but a host", url)
  }

  /// A port beyond what Foundation's number holds: the door pays no heed to ports.
  private static func isKnownToBeRefused(_ url: String) -> Bool {
    let port = url.utf8.reversed().prefix { (0x30...0x39).contains($0) }
    return Int(String(decoding: port.reversed(), as: UTF8.self)) == nil
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
}
