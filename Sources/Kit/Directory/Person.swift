import Schemas
import Values

/// A person, as Identity's events describe them (X5, X50).
package struct Person: Hashable, Sendable {
    package var id: ID
    package var name: String
    package var email: String
    package var roles: Set<String>
    package var active: Bool

    package init(id: ID, name: String, email: String, roles: Set<String>, active: Bool) {
        self.id = id
        self.name = name
        self.email = email
        self.roles = roles
        self.active = active
    }

    /// Whether they have at least one staff role and have not been deactivated.
    package var isStaff: Bool { active && !roles.isDisjoint(with: Role.staff) }

    package func holds(anyOf roles: Set<String>) -> Bool {
        active && !self.roles.isDisjoint(with: roles)
    }
}

extension Person: Shaped {
    package static let shape = Shape("Person", Person.written) {
        Field("id", \.id, "The person; the event's key")
        Field("name", \.name, "As pages show it", isPersonal: true)
        Field("email", \.email, "Where letters go", isPersonal: true)
        // Sorted, so that the same person is always the same bytes, in a journal and in a comparison.
        Field(
            "roles", { $0.roles.sorted() }, .list(.open(Role.staff.sorted())),
            "Open: roles that are not known may come")
        Field("active", \.active, "false: was deactivated, and may do nothing")
    }

    private static func written(id: ID, name: String, email: String, roles: [String], active: Bool) -> Person {
        Person(id: id, name: name, email: email, roles: Set(roles), active: active)
    }
}
