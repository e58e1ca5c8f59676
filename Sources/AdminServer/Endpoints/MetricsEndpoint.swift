import HTTPTypes
import Hummingbird
import PrometheusMetrics

/// `/metrics`, in the format that is asked for.
struct MetricsEndpoint {
  let registry: PrometheusRegistry
  /// Brings the gauges up to date that nobody keeps current.
  let refreshGauges: @Sendable () async -> Void

  @Sendable func metrics(_ request: Request, _ context: AdminRequestContext) async throws -> Response {
    await refreshGauges()
    let format = ExpositionFormat(accept: request.headers[.accept])
    let text = registry.exposition(openMetrics: format == .openMetrics)
    return Response(
      status: .ok, headers: [.contentType: format.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
