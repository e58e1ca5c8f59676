import AdminAssets
import Hummingbird

/// `GET /openapi.yaml`: this API.
struct OpenAPIEndpoint {
  @Sendable func document(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/yaml"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: AdminAssets.openAPI)))
  }
}
