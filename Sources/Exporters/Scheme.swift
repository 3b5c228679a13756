/// How an exporter is spoken to; the raw value is what Prometheus reads in `__scheme__`.
package enum Scheme: String, Hashable, Sendable, CaseIterable {
  case http, https
}
