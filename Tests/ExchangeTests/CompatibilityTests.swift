import Composition
import Schemas
import Testing

/// The checker itself: each kind of change that breaks a consumer, and each that does not.
@Suite("Compatibility of contracts")
struct CompatibilityTests {
    static func event(_ fields: [Schema.Field], topic: String = "tracker", key: String = "task") -> JSONText {
        EventDescription(
            topic: topic, name: "happened", version: 1, about: "Something", fields: fields, keyField: key,
            example: [:]
        ).schema
    }

    static func object(_ fields: Schema.Field...) -> Schema { .object("Inner", fields) }

    static let fields: [Schema.Field] = [
        .init("task", .id, "The task"), .init("note", .optional(.string), "A note"),
        .init("kind", .choice(["fee", "reward"]), "Closed"), .init("role", .open(["admin", "boss"]), "Open"),
        .init("count", .integer(0...10), "A number"), .init("text", .string, "A text"),
        .init("people", .list(object(.init("id", .id, ""), .init("name", .string, ""))), "A list"),
    ]

    static func changed(_ name: String, _ schema: Schema) -> [Schema.Field] {
        fields.map { $0.name == name ? .init(name, schema, $0.about) : $0 }
    }

    static func without(_ name: String) -> [Schema.Field] { fields.filter { $0.name != name } }

    static func with(_ name: String, _ schema: Schema) -> [Schema.Field] { fields + [Schema.Field(name, schema, "")] }

    static func people(_ inner: Schema.Field...) -> [Schema.Field] { changed("people", .list(.object("Inner", inner))) }

    struct Change: Sendable {
        let field: String
        let fields: [Schema.Field]

        init(_ field: String, _ fields: [Schema.Field]) {
            self.field = field
            self.fields = fields
        }
    }

    static let breaking: [Change] = [
        Change("text", without("text")), Change("note", without("note")), Change("more", with("more", .string)),
        Change("text", changed("text", .integer(0...10))), Change("task", changed("task", .string)),
        Change("text", changed("text", .day)), Change("text", changed("text", .optional(.string))),
        Change("note", changed("note", .string)), Change("kind", changed("kind", .choice(["fee"]))),
        Change("kind", changed("kind", .choice(["fee", "reward", "new"]))), Change("kind", changed("kind", .string)),
        Change("text", changed("text", .choice(["a"]))), Change("role", changed("role", .open(["admin"]))),
        Change("role", changed("role", .choice(["admin", "boss"]))),
        Change("count", changed("count", .integer(0...11))), Change("count", changed("count", .integer(1...10))),
        Change("people", changed("people", .string)), Change("people[].name", people(.init("id", .id, ""))),
        Change("people[].id", people(.init("id", .string, ""), .init("name", .string, ""))),
        Change("people[].more", people(.init("id", .id, ""), .init("name", .string, ""), .init("more", .id, ""))),
    ]

    @Test("X44: what would break a consumer is found, with the field and what to do", arguments: breaking.indices)
    func breaks(index: Int) {
        let change = CompatibilityTests.breaking[index]
        let (field, fields) = (change.field, change.fields)
        let found = Compatibility.breaks(
            "happened.1", from: CompatibilityTests.event(CompatibilityTests.fields),
            to: CompatibilityTests.event(fields))
        #expect(!found.isEmpty, "\(field) of change \(index)")
        #expect(found.allSatisfy { $0.contains("field \(field)") && $0.contains("new version") }, "\(found)")
    }

    @Test("X44: another key or topic is found")
    func keyAndTopic() {
        let fields = CompatibilityTests.fields
        let accepted = CompatibilityTests.event(fields)
        for (what, changed) in [
            ("key", CompatibilityTests.event(fields, key: "person")),
            ("topic", CompatibilityTests.event(fields, topic: "identity")),
        ] {
            let found = Compatibility.breaks("happened.1", from: accepted, to: changed)
            #expect(found.count == 1 && found[0].contains("its \(what) changed"))
        }
    }

    static let harmless: [[Schema.Field]] = [
        fields, fields.reversed(), with("more", .optional(.string)),
        changed("role", .open(["admin", "boss", "owner"])),
        fields.map { Schema.Field($0.name, $0.schema, "Said better") },
        people(.init("id", .id, ""), .init("name", .string, ""), .init("nick", .optional(.string), "New")),
    ]

    @Test("X44: what every consumer may ignore passes", arguments: harmless.indices)
    func passes(index: Int) {
        #expect(
            Compatibility.breaks(
                "happened.1", from: CompatibilityTests.event(CompatibilityTests.fields),
                to: CompatibilityTests.event(CompatibilityTests.harmless[index])) == [])
    }
}
