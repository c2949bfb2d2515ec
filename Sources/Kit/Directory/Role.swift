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
