/// What programs see of a value: its fields, each declared once.
///
/// ```swift
/// static let resource = Resource<TaskRecord>("Task") {
///     Field("id", \.id, "The task")
///     Field("status", \.status.word, .choice(["open", "done"]), "Where it stands")
/// }
/// ```
package struct Resource<Root: Sendable>: Sendable {
    /// Its name in the API's documents.
    package let name: String
    /// In the order of declaration; in JSON they are sorted by name.
    package let fields: [WrittenField<Root>]
    private let byName: [WrittenField<Root>]

    package init(_ name: String, @FieldList<Root> _ fields: () -> [WrittenField<Root>]) {
        self.init(name, fields())
    }

    init(_ name: String, _ fields: [WrittenField<Root>]) {
        self.name = name
        self.fields = fields
        byName = fields.sorted { $0.declared.name < $1.declared.name }
    }

    package var schema: Schema { .object(name, fields.map(\.declared)) }

    /// Its fields as fields of a type that holds it: for a resource that has all of another's fields, and more.
    package func fields<Outer: Sendable>(
        of value: @escaping @Sendable (Outer) -> Root
    ) -> [WrittenField<Outer>] {
        fields.map { $0.within(value) }
    }

    package func write(_ root: Root, to json: inout JSONWriter) {
        json.object { json in for field in byName { field.write(root, &json) } }
    }

    /// A value as JSON.
    package func written(_ root: Root) -> [UInt8] {
        var json = JSONWriter()
        write(root, to: &json)
        return json.bytes
    }
}

/// Collects a list of fields.
@resultBuilder
package enum FieldList<Root: Sendable> {
    package static func buildExpression<Value: JSONWritable>(_ field: Field<Root, Value>) -> [WrittenField<Root>] {
        [WrittenField(field)]
    }
    package static func buildExpression(_ fields: [WrittenField<Root>]) -> [WrittenField<Root>] { fields }
    package static func buildBlock(_ fields: [WrittenField<Root>]...) -> [WrittenField<Root>] { fields.flatMap(\.self) }
}
