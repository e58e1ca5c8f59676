import GatewayCore
import HTTPTypes
import Hummingbird

/// An error as the admin door answers it: RFC 9457, `application/problem+json`.
struct Problem: Error, Hashable, Sendable {
  static let contentType = "application/problem+json"

  let status: HTTPResponse.Status
  /// One sentence for the operator: what is wrong and what to do.
  let detail: String
  var headers = HTTPFields()
  /// What is wrong with the routes file, when that is the matter.
  var routesProblems: [RoutesProblem]?

  init(_ status: HTTPResponse.Status, _ detail: String) {
    self.status = status
    self.detail = detail
  }

  var response: Response {
    var response = Response.json(document, status: status, contentType: Self.contentType)
    for field in headers { response.headers[field.name] = field.value }
    return response
  }

  private var document: Document {
    Document(
      type: "about:blank", title: status.reasonPhrase, status: status.code, detail: detail, problems: routesProblems)
  }

  private struct Document: Encodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    let problems: [RoutesProblem]?
  }
}
