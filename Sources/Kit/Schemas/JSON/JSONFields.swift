import Values

/// A type that can be written to JSON, with its schema for fields that name no other.
package protocol JSONWritable: Sendable {
    static var schema: Schema { get }
    func write(to json: inout JSONWriter)
    /// Whether a field with this value is written into its object; `nil` is left out.
    var isWritten: Bool { get }
}

/// A type that can be read from JSON.
package protocol JSONReadable: Sendable {
    static var schema: Schema { get }
    /// - Throws: ``JSONMismatch`` if the value is of another kind.
    init(json: JSONText) throws(JSONMismatch)
    /// The value of a field that is left out; `nil` if the field is required.
    static var absent: Self? { get }
}

/// Both directions, as events and bodies need it.
package typealias JSONField = JSONWritable & JSONReadable

extension JSONWritable {
    package var isWritten: Bool { true }
}

extension JSONReadable {
    package static var absent: Self? { nil }
}

extension String: JSONField {
    package static var schema: Schema { .string }
    package func write(to json: inout JSONWriter) { json.string(self) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json else { throw JSONMismatch() }
        self = text
    }
}

extension Bool: JSONField {
    package static var schema: Schema { .boolean }
    package func write(to json: inout JSONWriter) { json.boolean(self) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .boolean(let value) = json else { throw JSONMismatch() }
        self = value
    }
}

extension Int64: JSONField {
    package static var schema: Schema { .integer(0...Int64.max) }
    package func write(to json: inout JSONWriter) { json.integer(self) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .number(let text) = json, let number = Schema.integer(text) else { throw JSONMismatch() }
        self = number
    }
}

extension Int: JSONField {
    package static var schema: Schema { .integer(0...Int64.max) }
    package func write(to json: inout JSONWriter) { json.integer(Int64(self)) }
    package init(json: JSONText) throws(JSONMismatch) { self = Int(try Int64(json: json)) }
}

extension Double: JSONField {
    package static var schema: Schema { .number }
    package func write(to json: inout JSONWriter) { json.number(self) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .number(let text) = json, let number = Double(text), number.isFinite else { throw JSONMismatch() }
        self = number
    }
}

extension Cents: JSONField {
    package static var schema: Schema { .cents }
    package func write(to json: inout JSONWriter) { json.integer(amount) }
    package init(json: JSONText) throws(JSONMismatch) { self = Cents(try Int64(json: json)) }
}

extension ID: JSONField {
    package static var schema: Schema { .id }
    package func write(to json: inout JSONWriter) { json.string(description) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json, let id = ID(text) else { throw JSONMismatch() }
        self = id
    }
}

extension Instant: JSONField {
    package static var schema: Schema { .instant }
    package func write(to json: inout JSONWriter) { json.string(description) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json, let instant = Instant(text) else { throw JSONMismatch() }
        self = instant
    }
}

extension Day: JSONField {
    package static var schema: Schema { .day }
    package func write(to json: inout JSONWriter) { json.string(description) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json, let day = Day(text) else { throw JSONMismatch() }
        self = day
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    package static var schema: Schema { .optional(Wrapped.schema) }
    package var isWritten: Bool { self != nil }
    package func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.null() }
    }
}

extension Optional: JSONReadable where Wrapped: JSONReadable {
    package static var schema: Schema { .optional(Wrapped.schema) }
    package static var absent: Wrapped?? { .some(nil) }
    package init(json: JSONText) throws(JSONMismatch) {
        self = json == .null ? nil : try Wrapped(json: json)
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    package static var schema: Schema { .list(Element.schema) }
    package func write(to json: inout JSONWriter) { json.list(self) { $0.write(to: &$1) } }
}

extension Array: JSONReadable where Element: JSONReadable {
    package static var schema: Schema { .list(Element.schema) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .list(let items) = json else { throw JSONMismatch() }
        var elements: [Element] = []
        for (index, item) in items.enumerated() {
            do {
                elements.append(try Element(json: item))
            } catch {
                throw error.under("[\(index)]")
            }
        }
        self = elements
    }
}
