import Exposition
import Testing

@Test(arguments: [
  "text/plain", "text/plain; version=0.0.4; charset=utf-8", "text/plain;version=1.0.0;escaping=allow-utf-8",
  "TEXT/Plain", " text/plain ", "text/plain ; charset=utf-8",
  "application/openmetrics-text; version=1.0.0; charset=utf-8", "application/openmetrics-text",
])
func knowsAnExpositionByItsType(contentType: String) {
  #expect(MediaType.isExposition(contentType))
}

@Test(arguments: [
  "", ";", "; version=0.0.4", "text/html", "text/html; charset=utf-8", "text/plain2", "text/plai", "plain",
  "text/plain, text/html", "application/json", "application/openmetrics-text2", "text/html; text/plain",
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
])
func takesNoOtherTypeForAnExposition(contentType: String) {
  #expect(!MediaType.isExposition(contentType))
}
