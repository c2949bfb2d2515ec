/// The fields of a value that is written and read, such as an event or a command's body. They are listed in the order
/// of the initializer's parameters; the compiler checks that the two match.
///
/// ```swift
/// static let shape = Shape("NewTask", NewTask.init) {
///     Field("title", \.title, .text(1...200), "What there is to do")
///     Field("jira_id", \.jiraID, "The ticket's id, like POP-42")
/// }
/// ```
package struct Shape<Root: Sendable>: Sendable {
    package let resource: Resource<Root>
    private let make: @Sendable ([String: JSONText]) throws(JSONMismatch) -> Root

    package init<each Value: JSONField>(
        _ name: String, _ make: @escaping @Sendable (repeat each Value) -> Root,
        @ShapeFields<Root> _ fields: () -> ShapeFields<Root>.All<repeat each Value>
    ) {
        let all = fields()
        var written: [WrittenField<Root>] = []
        for field in repeat each all.fields { written.append(WrittenField(field)) }
        resource = Resource(name, written)
        self.make = { members throws(JSONMismatch) in
            make(repeat try Shape.read(each all.fields, members))
        }
    }

    private init(
        _ resource: Resource<Root>, _ make: @escaping @Sendable ([String: JSONText]) throws(JSONMismatch) -> Root
    ) {
        self.resource = resource
        self.make = make
    }

    /// The same fields, for a type that only holds a value of this shape.
    package func wrapped<Outer: Sendable>(
        _ name: String, _ inner: @escaping @Sendable (Outer) -> Root, _ wrap: @escaping @Sendable (Root) -> Outer
    ) -> Shape<Outer> {
        let make = make
        return Shape<Outer>(Resource(name, resource.fields(of: inner))) { members throws(JSONMismatch) in
            wrap(try make(members))
        }
    }

    package var name: String { resource.name }
    package var schema: Schema { resource.schema }

    /// Reads a value from JSON. Undeclared members are ignored.
    /// - Throws: ``JSONMismatch`` with the place of a value that is missing or of another kind.
    package func read(_ json: JSONText) throws(JSONMismatch) -> Root {
        guard case .object(let members) = json else { throw JSONMismatch() }
        return try make(Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
    }

    private static func read<Value: JSONField>(
        _ field: Field<Root, Value>, _ members: [String: JSONText]
    ) throws(JSONMismatch) -> Value {
        do throws(JSONMismatch) {
            if let member = members[field.name] { return try Value(json: member) }
            guard let absent = Value.absent else { throw JSONMismatch() }
            return absent
        } catch {
            throw error.under(field.name)
        }
    }
}

/// Collects the fields of a ``Shape``.
@resultBuilder
package enum ShapeFields<Root: Sendable> {
    package struct All<each Value: JSONField>: Sendable {
        let fields: (repeat Field<Root, each Value>)
    }

    package static func buildExpression<Value: JSONField>(_ field: Field<Root, Value>) -> Field<Root, Value> {
        field
    }
    package static func buildBlock<each Value: JSONField>(
        _ fields: repeat Field<Root, each Value>
    ) -> All<repeat each Value> {
        All(fields: (repeat each fields))
    }
}
