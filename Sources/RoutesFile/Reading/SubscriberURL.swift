import Foundation
import GatewayCore

/// A subscriber's URL that means the same to every reader: it holds nothing that two URL parsers take differently.
struct SubscriberURL {
  /// Why a text is no such URL, as the end of a sentence. It never holds the URL, which may hold a password.
  struct Invalid: Error, Equatable {
    let reason: String
  }

  let text: String
  let isEncrypted: Bool
  /// In lower case; an IPv6 address without its brackets.
  let host: String

  init(_ text: String) throws(Invalid) {
    guard text.utf8.count <= RoutesLimits.urlBytes else {
      throw Invalid(reason: "is longer than \(RoutesLimits.urlBytes) bytes")
    }
    guard let separator = text.firstRange(of: "://") else {
      throw Invalid(reason: "must start with http:// or https://")
    }
    switch text[..<separator.lowerBound].lowercased() {
    case "https": isEncrypted = true
    case "http": isEncrypted = false
    default: throw Invalid(reason: "must start with http:// or https://")
    }
    try Self.checkCharacters(text)
    let rest = text[separator.upperBound...]
    let authority = rest.prefix { !"/?".contains($0) }
    guard !authority.contains("@") else {
      throw Invalid(reason: "must not hold a user or password; send an \"Authorization\" header instead")
    }
    host = try Self.host(of: authority)
    self.text = text
  }

  /// Whether plain http to it stays on this machine or in a private network, as far as its name tells: a loopback or
  /// private address, a name without a dot, or one under a suffix that is never public.
  var isLocal: Bool {
    if let address = IPAddress(host) { return Self.localRanges.contains { $0.contains(address) } }
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    return !name.contains(".") || Self.localSuffixes.contains { name.hasSuffix($0) }
  }

  private static let localRanges = [
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
  ].compactMap { AddressRange($0) }

  private static let localSuffixes = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".svc"]

  private static func checkCharacters(_ text: String) throws(Invalid) {
    guard !text.contains("#") else { throw Invalid(reason: "must not have a fragment; remove \"#\" and what follows") }
    let forbidden = Set("\"<>\\^`{|}".utf8)
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !forbidden.contains($0) }) else {
      if let name = internationalName(in: text) {
        throw Invalid(reason: "has a host with letters beyond ASCII; write it as \"\(name)\"")
      }
      throw Invalid(
        reason: "holds a character that no URL may hold; percent-encode it, and write a host's name in its xn-- form")
    }
    let escapes = text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
    guard escapes.allSatisfy({ $0.count >= 2 && $0.prefix(2).allSatisfy(\.isHexDigit) }) else {
      throw Invalid(reason: "has a \"%\" without two hex digits behind it")
    }
  }

  /// The host of a URL as name servers know it, if it was written with letters that they do not know.
  private static func internationalName(in text: String) -> String? {
    guard let name = URLComponents(string: text)?.encodedHost, name.lowercased().contains("xn--"),
      !text.lowercased().contains(name.lowercased()), (try? checkName(name[...])) != nil
    else { return nil }
    return name
  }

  private static func host(of authority: Substring) throws(Invalid) -> String {
    let end =
      authority.hasPrefix("[")
      ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.firstIndex(of: ":")
    let host = authority[..<(end ?? authority.endIndex)]
    try checkPort(authority[host.endIndex...])
    guard !host.isEmpty else { throw Invalid(reason: "has no host") }
    if host.hasPrefix("[") {
      let address = host.dropFirst().dropLast()
      guard host.hasSuffix("]"), address.contains(":"), IPAddress(address) != nil else {
        throw Invalid(reason: "has a broken IPv6 address between its brackets")
      }
      return address.lowercased()
    }
    try checkName(host)
    return host.lowercased()
  }

  private static func checkPort(_ text: Substring) throws(Invalid) {
    guard !text.isEmpty else { return }
    let digits = text.dropFirst()
    guard text.first == ":", digits.count <= 5, digits.allSatisfy({ ("0"..."9").contains($0) }),
      let port = Int(digits), (1...65_535).contains(port)
    else { throw Invalid(reason: "has a broken port; it is a number from 1 to 65535 behind a colon") }
  }

  private static func checkName(_ host: Substring) throws(Invalid) {
    let labels = (host.hasSuffix(".") ? host.dropLast() : host).split(separator: ".", omittingEmptySubsequences: false)
    let isName = labels.allSatisfy { label in
      (1...63).contains(label.utf8.count)
        && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }
    guard isName, host.utf8.count <= 253 else { throw Invalid(reason: "has a host that is not a name or an address") }
    // Some readers take `127.1` and `0x7f000001` for addresses, others for names.
    let last = labels.last ?? ""
    let looksNumeric = last.allSatisfy { ("0"..."9").contains($0) } || last.lowercased().hasPrefix("0x")
    guard !looksNumeric || IPAddress(host) != nil else {
      throw Invalid(reason: "has a host that is nearly an IPv4 address; write it as four decimal numbers")
    }
  }
}
