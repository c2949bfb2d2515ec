import Schemas

/// A query parameter: its name, its JSON Schema, and what it is for.
package struct Parameter: Sendable {
    package let name: String
    package let schema: Schema
    package let about: String

    package init(_ name: String, _ schema: Schema, _ about: String) {
        self.name = name
        self.schema = schema
        self.about = about
    }

    /// The cursor that every list takes: the `next` of the previous page.
    package static let cursor = Parameter("cursor", .string, "The `next` of the page before; empty for the first page")
    /// The number of rows in a list's answer, 1 to 200; 50 if not given.
    package static let limit = Parameter("limit", .integer(1...200), "How many rows, 1 to 200; 50 by default")
}
