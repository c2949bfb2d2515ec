import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// Letters, and the mail server.
    static let letters = Endpoint.Access.holding([Role.admin])
    /// What a restore has held.
    static let release = Endpoint.Access.holding(keepers)
    /// Who keeps the books.
    static let keepers: Set<String> = [Role.accountant, Role.admin]

    /// The person that a path names, `me` being the caller.
    /// - Throws: a 403 problem for another, unless the caller keeps the books.
    static func person(_ call: Call) throws -> ID { try call.person("person", or: keepers) }
}
