import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// Letters, and the mail server.
    static let letters = Endpoint.Access.holding([Role.admin])
    /// The release of letters that are held after a restore.
    static let release = Endpoint.Access.holding(keepers)
    /// The roles that keep the books.
    static let keepers: Set<String> = [Role.accountant, Role.admin]

    /// The person that a path names; `me` is the caller.
    /// - Throws: a 403 problem for anyone else, unless the caller keeps the books.
    static func person(_ call: Call) throws -> ID { try call.person("person", or: keepers) }
}
