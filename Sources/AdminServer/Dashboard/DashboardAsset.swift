import AdminAssets
import GatewayCore
import HTTPTypes
import Hummingbird

/// A file that the page loads: kept by browsers, and asked after each time.
struct DashboardAsset: Sendable {
  let name: String
  /// Of what it holds; an entity tag with its quotes (RFC 9110, section 8.8.3).
  let tag: String
  private let body: ByteBuffer

  static func all(digest: any Digest) -> [DashboardAsset] {
    AdminAssets.dashboard.map { DashboardAsset($0.name, $0.bytes, digest) }
  }

  /// Differs when any of them does.
  static func version(of assets: [DashboardAsset], digest: any Digest) -> String {
    text(digest.sha256(assets.map { Array($0.tag.utf8) } + AdminAssets.templates.map(\.bytes)))
  }

  private init(_ name: String, _ bytes: [UInt8], _ digest: any Digest) {
    self.name = name
    tag = "\"\(Self.text(digest.sha256([bytes])))\""
    body = ByteBuffer(bytes: bytes)
  }

  func response(to request: Request) -> Response {
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache", .contentType: contentType]
    PageHeaders.add(to: &headers)
    let isKnown = request.headers[values: .ifNoneMatch].joined(separator: ",").contains(tag)
    return isKnown
      ? Response(status: .notModified, headers: headers)
      : Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
  }

  private var contentType: String {
    switch name.split(separator: ".").last {
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    default: "image/svg+xml"
    }
  }

  /// The first half is enough to tell one from the next.
  private static func text(_ digest: [UInt8]) -> String {
    stride(from: 0, to: 16, by: 8).map { start in
      Hex.text(digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }.joined()
  }
}
