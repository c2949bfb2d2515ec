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
