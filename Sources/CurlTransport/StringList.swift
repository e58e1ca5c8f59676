import CCurl
import GatewayCore

/// Owns one list of strings of libcurl's.
struct StringList: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<curl_slist>?

  init() { pointer = nil }

  deinit { curl_slist_free_all(pointer) }

  /// libcurl copies the text.
  mutating func append(_ text: String) {
    guard let extended = curl_slist_append(pointer, text) else { preconditionFailure("libcurl is out of memory") }
    pointer = extended
  }
}

extension StringList {
  /// Headers as `CURLOPT_HTTPHEADER` takes them. Nil if one would break out of its line.
  init?(headers: [(name: String, value: String)]) {
    self.init()
    // libcurl would ask for leave before it sends a body of more than a MiB, and wait a second for the answer.
    append("Expect:")
    var hasContentType = false
    for (name, value) in headers {
      guard Self.isOneLine(name), Self.isOneLine(value) else { return nil }
      // A colon with nothing behind it would take the header away.
      append(value.isEmpty ? name + ";" : name + ": " + value)
      hasContentType = hasContentType || name.lowercased() == "content-type"
    }
    // libcurl would call the body a filled-in form.
    if !hasContentType { append("Content-Type:") }
  }

  /// Addresses as `CURLOPT_RESOLVE` takes them: `+host:port:address,address`, where the plus sign lets them age.
  init(addresses: [IPAddress], of authority: Authority) {
    self.init()
    let list = addresses.map { $0.isIPv4 ? "\($0)" : "[\($0)]" }.joined(separator: ",")
    append("+\(authority.text):\(list)")
  }

  private static func isOneLine(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") && $0 != 0 }
  }
}
