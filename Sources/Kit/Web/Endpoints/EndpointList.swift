/// Collects a list of endpoints:
///
/// ```swift
/// @EndpointList var endpoints: [Endpoint] {
///     Endpoint.list("/api/thanks", …) { … }
///     Endpoint.page("/thanks", …) { … }
/// }
/// ```
@resultBuilder
package enum EndpointList {
    package static func buildExpression(_ endpoint: Endpoint) -> [Endpoint] { [endpoint] }
    package static func buildExpression(_ endpoints: [Endpoint]) -> [Endpoint] { endpoints }
    package static func buildBlock(_ endpoints: [Endpoint]...) -> [Endpoint] { endpoints.flatMap(\.self) }
}
