import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// The company's money and everyone's accounts.
    static let money = Endpoint.Access.holding(keepers)
    /// The roles that keep the books.
    static let keepers: Set<String> = [Role.accountant, Role.admin]

    /// The account that a path names; `me` is the caller's own.
    /// - Throws: a 403 problem for anyone else's account, unless the caller keeps the books.
    static func account(_ call: Call) throws -> ID { try call.person("person", or: keepers) }
}
