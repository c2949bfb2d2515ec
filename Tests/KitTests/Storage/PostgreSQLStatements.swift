import Storage
import TestKit
import Testing

extension Database {
    /// Runs statements of a test's own schema.
    func run(_ statements: SQL...) throws {
        try write { for statement in statements { try $0.send(statement) } }
    }

    /// The one number that a query asks for.
    func number(_ sql: SQL) throws -> Int {
        try #require(try read { try $0.value(sql, as: Int.self) })
    }
}
