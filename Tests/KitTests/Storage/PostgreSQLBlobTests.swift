import BlobsDriver
import PostgreSQLDriver
import Storage
import TestKit
import Testing

@Suite("PostgreSQL: blobs", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLBlobTests {
    let fixture: PostgreSQLFixture

    init() throws {
        fixture = try PostgreSQLFixture()
    }

    @Test("As it is", arguments: BlobConformance.checks)
    func conforms(check: BlobConformance.Check) throws {
        try check.body(.tables(fixture.database))
    }

    @Test("Each body run twice", arguments: BlobConformance.checks)
    func rehearsed(check: BlobConformance.Check) throws {
        try check.body(.tables(RehearsedDatabase(fixture.database)))
    }

    @Test("Two processes may make the tables at once")
    func both() throws {
        let clock = SteppedClock()
        let other = PostgreSQLFixture.open(fixture.connection)
        defer { other.close() }
        let first = try TableBlobs(fixture.database, environment: clock.environment)
        let second = try TableBlobs(other, environment: clock.environment)
        let blob = try first.put([1, 2, 3])
        #expect(try second.find(blob.hash) == blob)
        #expect(try second.bytes(of: blob.hash) == [1, 2, 3])
    }
}
