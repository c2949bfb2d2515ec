import TestKit
import Testing

/// Runs each test of a suite on SQLite, and again on PostgreSQL where there is a server.
struct EachDatabase: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TestDatabase.onEach(function)
    }
}

extension Trait where Self == EachDatabase {
    static var onEachDatabase: EachDatabase { EachDatabase() }
}
