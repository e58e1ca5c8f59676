import Foundation
import TencentChat

/// A request and its response as the REST documents print them, without the white space.
struct RESTSample {
  let request: String
  let response: String

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Samples").standardized
    let bytes = Array(try Data(contentsOf: folder.appending(path: name + ".json")))
    var scanner = try JSONScanner(bytes)
    try scanner.enterObject()
    var values: [String] = []
    while try scanner.nextKey() != nil { values.append(Self.compact(bytes[try scanner.skipValue()])) }
    try scanner.finish()
    (request, response) = (values[0], values[1])
  }

  private static func compact(_ json: ArraySlice<UInt8>) -> String {
    var isString = false
    var isEscaped = false
    let bytes = json.filter { byte in
      if !isString, byte <= 0x20 { return false }
      if byte == UInt8(ascii: "\""), !isEscaped { isString.toggle() }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      return true
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
