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
    /// Any text. These values are known today; more may be added.
    case open([String])
    case list(Schema)
    /// `null` is allowed too.
    case optional(Schema)
    /// Fields in order. Fields with an optional schema may be left out; no other fields are allowed.
    case object(String, [Field])

    /// One field of an object.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let schema: Schema
        package let about: String
        /// Personal data, such as a name or an address: it is emptied when the person is erased.
        package let isPersonal: Bool

        package init(_ name: String, _ schema: Schema, _ about: String, isPersonal: Bool = false) {
            self.name = name
            self.schema = schema
            self.about = about
            self.isPersonal = isPersonal
        }
    }
}
