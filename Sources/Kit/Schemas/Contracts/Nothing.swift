/// An empty question or answer.
package struct Nothing: Codable, Sendable {
    package init() {}
}
