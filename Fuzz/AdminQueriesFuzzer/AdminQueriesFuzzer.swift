import FuzzDriver

/// What the admin door reads of a request's head.
///
/// The input's first line is the query; behind it come the values of `Host`, `Origin`, `Authorization` and `Accept`, a
/// line each.
@main
enum AdminQueriesFuzzer: Fuzzer {
  static func check(_ input: [UInt8]) {
    let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    ParametersCheck.check(lines[0])
    let values = lines.dropFirst()
    if let host = values.first { AuthorityCheck.check(host: host) }
    if let origin = values.dropFirst().first { AuthorityCheck.check(origin: origin) }
    if let authorization = values.dropFirst(2).first { HeaderCheck.check(authorization: authorization) }
    if let accept = values.dropFirst(3).first { HeaderCheck.check(accept: accept) }
  }
}
