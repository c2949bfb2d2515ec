/// A statement with its values bound, written as an interpolated string:
///
///     try transaction.fetch("SELECT name FROM person WHERE id = \(id)")
///
/// Every interpolated value becomes a bound parameter. Text can get into the statement itself only through a literal or
/// another `SQL`. Write SQL that both databases understand; if a statement must differ, use ``Dialect``.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The statement, with a `?` for each value. Literals must not contain a question mark.
    package private(set) var text: String
    package private(set) var values: [Value]

    package init(stringLiteral literal: String) {
        text = literal
        values = []
    }

    package init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
        values = stringInterpolation.values
    }

    /// A statement made by the program (never from input), with its values.
    package init(text: String, values: [Value]) {
        self.text = text
        self.values = values
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        SQL(text: left.text + right.text, values: left.values + right.values)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var values: [Value] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some Storable) {
            text += "?"
            values.append(value.stored)
        }

        /// Binds a value that is already a column value.
        package mutating func appendInterpolation(_ value: Value) {
            text += "?"
            values.append(value)
        }

        /// Inserts another statement, or a part of one, here, together with its values.
        package mutating func appendInterpolation(_ part: SQL) {
            text += part.text
            values += part.values
        }

        /// Binds each of `list`, separated by commas, for `IN (…)`. An empty list becomes `NULL`, which nothing equals.
        /// It makes a text for each length, so use it where the list is short or has one length. See
        /// ``Transaction/fetch(in:_:)`` for others.
        package mutating func appendInterpolation(list: [some Storable]) {
            text += list.isEmpty ? "NULL" : StringInterpolation.places(list.count)
            values.reserveCapacity(values.count + list.count)
            for value in list { values.append(value.stored) }
        }

        /// Binds a part of a longer list, for `IN (…)`.
        package mutating func appendInterpolation<Element: Storable>(list part: Part<Element>) {
            let places = part.places
            text += StringInterpolation.places(places)
            values.reserveCapacity(values.count + places)
            for element in part.elements { values.append(element.stored) }
            guard let last = values.last else { return }
            values.append(contentsOf: repeatElement(last, count: places - part.elements.count))
        }

        private static let manyPlaces = [UInt8](String(repeating: "?,", count: SQL.longestPart).utf8)

        /// `?,?,?`
        private static func places(_ count: Int) -> String {
            guard count <= SQL.longestPart else { return repeatElement("?", count: count).joined(separator: ",") }
            return String(decoding: manyPlaces[..<(2 * count - 1)], as: UTF8.self)
        }
    }
}
