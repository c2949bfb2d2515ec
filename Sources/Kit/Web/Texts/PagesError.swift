/// Templates or texts do not fit together: the server does not start.
package struct PagesError: Error, CustomStringConvertible {
    package let problems: [String]
    package var description: String { "pages: " + problems.joined(separator: "; ") }
}
