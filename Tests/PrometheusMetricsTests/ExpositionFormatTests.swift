import PrometheusMetrics
import Testing

@Suite("The format that an Accept header asks for")
struct ExpositionFormatTests {
  @Test(
    "is OpenMetrics when that is named with the weight of plain text or more",
    arguments: [
      "application/openmetrics-text",
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "text/plain, application/openmetrics-text",
      "Application/OpenMetrics-Text ; q=0.3",
    ])
  func openMetrics(accept: String) {
    #expect(ExpositionFormat(accept: accept) == .openMetrics)
  }

  @Test(
    "is Prometheus text otherwise",
    arguments: [
      nil, "", "*/*", "text/plain", "text/html,application/xhtml+xml", "application/openmetrics-text;q=0",
      "application/openmetrics-text;q=0.4, text/plain;q=0.5", "application/openmetrics-text; version=2.0.0",
      "application/openmetrics-text;q=much", ";;,,=;",
    ] as [String?])
  func text(accept: String?) {
    #expect(ExpositionFormat(accept: accept) == .text)
  }
}
