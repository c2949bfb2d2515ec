import TestKit
import Testing

/// Runs each test of a suite on SQLite, and again on PostgreSQL if there is a server.
package struct EachDatabase: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TestDatabase.onEach(function)
    }
}

extension Trait where Self == EachDatabase {
    /// Runs it on each kind of database that is available.
    package static var onEachDatabase: EachDatabase { EachDatabase() }
}
