import Crypto
import Foundation
import Storage
import Values

/// Stored answers of requests that must not be done twice. An answer is stored in the transaction of the change. A
/// repeated request with the same key gets the same answer, and nothing else happens.
package enum Idempotency {
    /// The table, for the kit's first step.
    package static let schema = [
        """
        CREATE TABLE IF NOT EXISTS idempotency (
            person BLOB NOT NULL,
            key TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            hash BLOB NOT NULL,
            status INTEGER NOT NULL,
            headers TEXT NOT NULL,
            body BLOB NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (person, key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX IF NOT EXISTS idempotency_at ON idempotency (at)",
    ]

    /// How long an answer is kept, in seconds.
    package static let keptSeconds: Int64 = 7 * 86_400

    /// Whether there is an answer older than that. It reads one row, so a host may call it often.
    package static func hasOld(in transaction: any Transaction, now: Instant) throws -> Bool {
        try transaction.fetchOne("SELECT at FROM idempotency WHERE at < \(oldest(now)) ORDER BY at LIMIT 1") != nil
    }

    /// Deletes answers older than seven days, at most 1,000 rows per call.
    /// - Returns: whether there may be more.
    package static func purge(in transaction: any Transaction, now: Instant) throws -> Bool {
        let limit = 1000
        let deleted = try transaction.change(
            """
            DELETE FROM idempotency WHERE (person, key) IN
            (SELECT person, key FROM idempotency WHERE at < \(oldest(now)) ORDER BY at LIMIT \(limit))
            """)
        return deleted == limit
    }

    private static func oldest(_ now: Instant) -> Instant { now.adding(seconds: -keptSeconds) }

    /// A request's key, and a hash of everything else in the request that matters.
    struct Claim: Sendable {
        let key: String
        let endpoint: String
        let hash: [UInt8]
    }

    /// The stored answer; `nil` if the key is new.
    /// - Throws: a 422 problem if the key belongs to another request.
    static func replay(_ claim: Claim, person: ID, in transaction: any Transaction) throws -> WebResponse? {
        guard
            let row = try transaction.fetchOne(
                """
                SELECT endpoint, hash, status, headers, body FROM idempotency
                WHERE person = \(person) AND key = \(claim.key)
                """)
        else { return nil }
        guard try row(0, as: String.self) == claim.endpoint, try row(1, as: [UInt8].self) == claim.hash else {
            throw Problem.invalid("Idempotency-Key", "web.key-used")
        }
        var response = WebResponse(status: try row(2), body: try row(4))
        for line in try row(3, as: String.self).parts(at: "\n") {
            let parts = line.parts(at: ":", most: 2)
            if parts.count == 2 { response.headers.append((parts[0], parts[1])) }
        }
        response.headers.append(("idempotency-replayed", "true"))
        return response
    }

    /// Stores an answer. On PostgreSQL the same request may be running in another transaction. Then the later one rolls
    /// back, and finds the stored answer when it is run again.
    static func store(
        _ response: WebResponse, for claim: Claim, person: ID, at now: Instant, in transaction: any Transaction
    ) throws {
        let headers = response.headers.map { "\($0.name):\($0.value)" }.joined(separator: "\n")
        let stored = try transaction.change(
            """
            INSERT INTO idempotency (person, key, endpoint, hash, status, headers, body, at)
            VALUES (\(person), \(claim.key), \(claim.endpoint), \(claim.hash), \(response.status), \(headers),
            \(response.body), \(now)) ON CONFLICT (person, key) DO NOTHING
            """)
        guard stored == 1 else { throw Raced() }
    }

    /// Another transaction has stored the same key in the meantime.
    struct Raced: Error {}

    /// A key is 1 to 100 printable ASCII characters.
    static func valid(_ key: String) -> Bool {
        (1...100).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The hash that identifies a request. It is keyed, because a request may hold what others must not guess from the
    /// database. Passwords are not in it at all (``Endpoint/secrets``): who has the key too could guess them.
    static func hash(target: String, body: [UInt8], key: SymmetricKey) -> [UInt8] {
        var hash = HMAC<SHA256>(key: key)
        hash.update(data: Array(target.utf8))
        hash.update(data: [0])
        hash.update(data: body)
        return Array(hash.finalize())
    }

    /// Fields sorted by name, each with its length, so that two different forms never give the same input.
    static func hash(target: String, fields: [String: String], file: [UInt8], key: SymmetricKey) -> [UInt8] {
        var hash = HMAC<SHA256>(key: key)
        hash.update(data: Array("\(target)\n".utf8))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name != "csrf" && name != "once" {
            hash.update(data: Array("\(name.utf8.count):\(name)\(value.utf8.count):\(value)".utf8))
        }
        hash.update(data: file)
        return Array(hash.finalize())
    }
}
