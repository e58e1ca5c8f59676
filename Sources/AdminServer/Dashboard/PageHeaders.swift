import HTTPTypes
import Hummingbird

/// What a browser is told of the dashboard beside its content: it loads from this door alone, and stands in no frame.
enum PageHeaders {
  private static let policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'"

  static func add(to headers: inout HTTPFields) {
    headers[.contentSecurityPolicy] = policy
    headers[.xContentTypeOptions] = "nosniff"
    // Not no-referrer: a form's Origin would then be null, and signing in wants to see it.
    for (name, value) in [("Referrer-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin")] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
  }
}

extension Response {
  /// A page, kept by nobody.
  static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
    var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
    PageHeaders.add(to: &headers)
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
  }
}
