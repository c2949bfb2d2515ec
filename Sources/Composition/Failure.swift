/// An error that ends a verb: a sentence for a person, and an exit code for a script.
package struct Failure: Error, CustomStringConvertible {
    /// Exit codes; documented in docs/operating.md.
    package enum Code: Int32, Sendable {
        /// Something wrong was found, or something was refused.
        case refused = 1
        /// The command line was not understood.
        case usage = 2
        /// The configuration is missing or wrong.
        case configuration = 3
        /// The folder, the disk or the port cannot be used, or another server holds it; or a result cannot be written.
        case unavailable = 4
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
