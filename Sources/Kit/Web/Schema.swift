/// A JSON Schema (2020-12), for the API reference and for checking bodies before they are decoded.
package indirect enum Schema: Sendable, Hashable {
    case string
    /// Lengths in Unicode scalars.
    case text(ClosedRange<Int>)
    case id
    case instant
    case day
    case boolean
    case number
    case integer(ClosedRange<Int64>)
    /// Whole cents.
    case cents
    case choice([String])
    /// Any text; these are the values known today, and others may come.
    case open([String])
    case list(Schema)
    /// `null` is allowed too.
    case optional(Schema)
    /// Fields in order; those whose schema is optional may be left out; no others are allowed.
    case object(String, [Field])

    package struct Field: Sendable, Hashable {
        package let name: String
        package let schema: Schema
        package let about: String
        /// Tells of a person what only a person has, such as a name or an address: to be emptied when they are erased.
        package let isPersonal: Bool

        package init(_ name: String, _ schema: Schema, _ about: String, isPersonal: Bool = false) {
            self.name = name
            self.schema = schema
            self.about = about
            self.isPersonal = isPersonal
        }
    }

    /// A page of a list: `items`, and `next`, the cursor of the next page, where there is one.
    package static func page(of item: Schema) -> Schema {
        guard case .object(let name, _) = item else { return .list(item) }
        return .object(
            name + "Page",
            [
                Field("items", .list(item), "The rows"),
                Field("next", .optional(.string), "Cursor of the next page; missing on the last"),
            ])
    }
}
