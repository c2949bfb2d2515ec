import Values

/// The roles that a person may have (X2). Roles are open strings; these are the ones that the exchange knows.
package enum Role {
    package static let admin = "admin"
    package static let manager = "manager"
    package static let accountant = "accountant"
    package static let employee = "employee"
    package static let boss = "boss"
    /// A person with one of these roles is staff.
    package static let staff: Set<String> = [admin, manager, accountant, employee, boss]
}

/// A person, as Identity's events describe them (X5, X50).
package struct Person: Hashable, Sendable, Codable {
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

    enum CodingKeys: String, CodingKey {
        case id, name, email, roles, active
    }

    /// Roles are written in sorted order, so that the same person always gives the same bytes, in a journal and in a
    /// comparison.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(email, forKey: .email)
        try container.encode(roles.sorted(), forKey: .roles)
        try container.encode(active, forKey: .active)
    }

    /// Whether they have at least one staff role and have not been deactivated.
    package var isStaff: Bool { active && !roles.isDisjoint(with: Role.staff) }

    /// Whether they may be assigned tasks (X4): active staff without the roles `manager` and `admin`, whatever other
    /// roles they have.
    package var isEligible: Bool { isStaff && !roles.contains(Role.manager) && !roles.contains(Role.admin) }

    package func holds(anyOf roles: Set<String>) -> Bool {
        active && !self.roles.isDisjoint(with: roles)
    }
}
