import PostgreSQLDriver
import Storage
import TestKit
import Testing

@Suite("PostgreSQL: the storage conformance", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLConformanceTests {
    @Test("As it is", arguments: StorageConformance.checks)
    func conforms(check: StorageConformance.Check) throws {
        let fixture = try PostgreSQLFixture()
        try check.run(on: fixture.database)
        withExtendedLifetime(fixture) {}
    }

    @Test("Each body run twice", arguments: StorageConformance.checks.filter { !$0.countsRuns })
    func rehearsed(check: StorageConformance.Check) throws {
        let fixture = try PostgreSQLFixture()
        try check.run(on: RehearsedDatabase(fixture.database))
        withExtendedLifetime(fixture) {}
    }
}
