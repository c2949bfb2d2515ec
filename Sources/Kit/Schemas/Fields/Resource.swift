import Values

/// One field of a resource, a body or an event: its name in JSON, its value, its type, and what it means. Everything
/// else (JSON, schema, documents, checks) follows from it.
package struct Field<Root: Sendable, Value: Sendable>: Sendable {
    package let name: String
    package let schema: Schema
    package let about: String
    package let isPersonal: Bool
    let value: @Sendable (Root) -> Value

    /// - Parameters:
    ///   - schema: needed if the type alone says too little, such as a text's length.
    ///   - isPersonal: see ``Schema/Field/isPersonal``.
    package init(
        _ name: String, _ value: @escaping @Sendable (Root) -> Value, _ schema: Schema, _ about: String,
        isPersonal: Bool = false
    ) {
        (self.name, self.value, self.schema, self.about) = (name, value, schema, about)
        self.isPersonal = isPersonal
    }

    package init(
        _ name: String, _ value: @escaping @Sendable (Root) -> Value, _ about: String, isPersonal: Bool = false
    ) where Value: JSONWritable {
        self.init(name, value, Value.schema, about, isPersonal: isPersonal)
    }

    var declared: Schema.Field { Schema.Field(name, schema, about, isPersonal: isPersonal) }
}

/// A field of any type, for writing.
package struct WrittenField<Root: Sendable>: Sendable {
    let declared: Schema.Field
    let write: @Sendable (Root, inout JSONWriter) -> Void

    init<Value: JSONWritable>(_ field: Field<Root, Value>) {
        let (name, value) = (field.name, field.value)
        declared = field.declared
        write = { root, json in
            let value = value(root)
            if value.isWritten { json.member(name) { value.write(to: &$0) } }
        }
    }

    private init(_ declared: Schema.Field, _ write: @escaping @Sendable (Root, inout JSONWriter) -> Void) {
        self.declared = declared
        self.write = write
    }

    func within<Outer: Sendable>(_ value: @escaping @Sendable (Outer) -> Root) -> WrittenField<Outer> {
        WrittenField<Outer>(declared) { [write] outer, json in write(value(outer), &json) }
    }
}

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

/// A type that is shown as the same resource everywhere.
package protocol Shown: JSONWritable {
    static var resource: Resource<Self> { get }
}

extension Shown {
    package static var schema: Schema { resource.schema }
    package func write(to json: inout JSONWriter) { Self.resource.write(self, to: &json) }
}
