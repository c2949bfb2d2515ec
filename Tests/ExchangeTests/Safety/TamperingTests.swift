import Composition
import Directory
import Foundation
import Messaging
import SQLiteDriver
import Storage
import TestKit
import Testing
import Values
import Web

/// What somebody without the secret can do to a service's database, and damage that looks like it: `verify` names each,
/// with what and where (X60). The list is security finding H5 and what was tried on copies beside it.
@Suite("X60: verify finds what was changed")
struct TamperingTests {
    /// A company after one day: work, a correction, payouts, a sealed day; and some work of the next.
    struct Firm {
        let test: TestExchange
        let correction: ID

        /// - Parameter sum: of the correction, cents. Firms are alike in all else, ids too.
        init(correcting sum: Int64 = 1_000) throws {
            let test = try TestExchange(seed: 3, log: SQLiteEventLog.memory(codes: .trial, now: SteppedClock().now))
            let people = try (1...3).map { try test.person("Worker \($0)", Role.employee) }
            let accountant = try test.person("Abe Accountant", Role.accountant)
            for (index, person) in people.enumerated() {
                let set = test.send(
                    "PUT", "/api/accounts/\(person)/destination",
                    json: #"{"number":"\#(Firm.accounts[index])"}"#, as: person)
                guard set.status == 200 else { throw TestExchange.UnexpectedAnswer(set) }
            }
            try Firm.work(test, 24, completed: 18)
            let accounting = try #require(test.exchange.databases["accounting"])
            let person = people[0]
            let first = try accounting.read { transaction in
                try transaction.value(
                    "SELECT id FROM entry WHERE account = \(person) AND kind = 'reward' ORDER BY id LIMIT 1",
                    as: ID.self)
            }
            let entry = try #require(first)
            let corrected = test.send(
                "POST", "/api/accounts/\(people[0])/corrections",
                json: #"{"entry":"\#(entry)","sum":\#(sum),"reason":"counted twice"}"#, as: test.admin)
            let answer = try corrected.json()
            guard let id = (answer["entry"].text ?? answer["correction"].text).flatMap({ ID($0) }) else {
                throw TestExchange.UnexpectedAnswer(corrected)
            }
            if corrected.status == 202 {
                _ = test.send("POST", "/api/corrections/\(id)/confirmation", as: accountant)
            }
            (self.test, correction) = (test, id)
            try test.exchange.settle()
        }

        /// Ends the day, and begins another.
        func close() throws {
            test.clock.advance(seconds: 24 * 3600)
            for _ in 0..<3 {
                try test.exchange.settle()
                test.clock.advance(seconds: 60)
            }
            try Firm.work(test, 6, completed: 3)
        }

        private static let accounts = [
            "DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606",
        ]

        private static func work(_ test: TestExchange, _ count: Int, completed: Int) throws {
            var tasks: [ID] = []
            for index in 0..<count { tasks.append(try test.task("Feed cat \(index)", by: test.admin)) }
            try test.exchange.settle()
            for task in tasks.prefix(completed) {
                let shown = try test.send("GET", "/api/tasks/\(task)", as: test.admin).json()
                let assignee = try #require(shown["assignee"].text.flatMap { ID($0) })
                _ = test.send("POST", "/api/tasks/\(task)/completion", as: assignee)
            }
            try test.exchange.settle()
        }

        func change(_ service: String, _ statements: [String]) throws {
            try test.exchange.databases[service]?.write { transaction in
                for statement in statements {
                    guard try transaction.change(SQL(text: statement, values: [])) > 0 || statement.hasPrefix("CREATE")
                    else { throw StorageError.failed("nothing was changed by: \(statement)") }
                }
            }
        }
    }

    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let service: String
        let statements: [String]
        /// What the finding says, of all of these.
        let says: [String]

        init(_ description: String, in service: String, _ statements: String..., says: String...) {
            self.description = description
            self.service = service
            self.statements = statements
            self.says = says
        }
    }

    private static let someone = "(SELECT person FROM eligible ORDER BY person LIMIT 1)"

    static let cases = [
        // H5.
        Case(
            "a password put in the place of another's", in: "identity",
            """
            INSERT INTO identity_credential SELECT d.id, c.salt, c.hash, c.rounds, c.block, c.parallel, c.changed_at,
                c.code FROM identity_credential c, directory_person d WHERE d.name = 'Worker 1'
            """, says: "identity: the password of person", "was not stored by us"),
        Case(
            "a role added, without event or history", in: "identity",
            "UPDATE directory_person SET roles = 'accountant employee' WHERE name = 'Worker 1'",
            says: "identity: person", "was published as"),
        Case(
            "the journal's data zeroed", in: "identity",
            "UPDATE journal SET data = zeroblob(length(data)) WHERE position = 4",
            says: "identity: journal: person-", "its code is wrong"),
        Case(
            "a title in the Tracker's journal", in: "tracker",
            "UPDATE journal SET data = CAST(replace(CAST(data AS TEXT), 'Feed', 'Feel') AS BLOB) WHERE position = 2",
            says: "tracker: journal: task-", "row 2", "its code is wrong"),
        Case(
            "a trigger planted", in: "accounting",
            "CREATE TRIGGER planted AFTER INSERT ON entry BEGIN UPDATE account SET balance = balance + 1; END",
            says: "accounting: schema: trigger planted is not ours"),
        Case(
            "a view planted", in: "payouts", "CREATE VIEW shown AS SELECT * FROM payee",
            says: "payouts: schema: view shown is not ours"),
        Case(
            "the seal published", in: "accounting",
            """
            UPDATE journal SET data = CAST(replace(CAST(data AS TEXT), '"seal":"', '"seal":"0') AS BLOB)
            WHERE name = 'day-sealed'
            """, says: "the seal of", "published was"),
        Case(
            "an attempt's destination swapped", in: "payouts",
            "UPDATE attempt SET sealed = (SELECT sealed FROM payee WHERE payee.tail <> attempt.tail LIMIT 1)",
            says: "the destination of payout", "is not one that person"),
        // What was tried on copies.
        Case(
            "an entry's amount", in: "accounting",
            "UPDATE entry SET amount = amount + 100 WHERE id = (SELECT MIN(id) FROM entry)",
            says: "its hash does not fit"),
        Case(
            "an entry deleted in the middle", in: "accounting",
            "DELETE FROM entry WHERE id = (SELECT id FROM entry ORDER BY id LIMIT 1 OFFSET 5)", says: "is not connected"
        ),
        Case(
            "an account's last entry deleted", in: "accounting",
            "DELETE FROM entry WHERE id = (SELECT MAX(head) FROM account)", says: "there is an event, and no entry"),
        Case(
            "a day of an account deleted", in: "accounting",
            "DELETE FROM account_day WHERE (account, day) IN (SELECT account, day FROM account_day LIMIT 1)",
            says: "ledger"),
        Case(
            "a company's sum", in: "accounting",
            "UPDATE company_sum SET credit = credit + 100 WHERE (name, day, lane) IN (SELECT name, day, lane FROM company_sum LIMIT 1)",
            says: "ledger"),
        Case(
            "a balance", in: "accounting",
            "UPDATE account SET balance = balance + 100 WHERE id = (SELECT MIN(id) FROM account WHERE head IS NOT NULL)",
            says: "ledger"),
        Case(
            "the seal kept", in: "accounting", "UPDATE day_close SET seal = zeroblob(32) WHERE seal IS NOT NULL",
            says: "the seal of", "does not fit"),
        Case(
            "the sum of a charge that was told", in: "accounting",
            """
            UPDATE journal SET data = CAST(replace(CAST(data AS TEXT), '"sum":1', '"sum":2') AS BLOB)
            WHERE position = (SELECT MIN(position) FROM journal WHERE name = 'employee-charged')
            """, says: "its event says", "its code is wrong"),
        Case(
            "the sum of a payout that was asked for", in: "accounting",
            """
            UPDATE journal SET data = CAST(replace(CAST(data AS TEXT), '"sum":', '"sum":9') AS BLOB)
            WHERE position = (SELECT MIN(position) FROM journal WHERE name = 'payout-requested')
            """, says: "payout", "is missing or another"),
        Case(
            "a row of a journal deleted", in: "tracker", "DELETE FROM journal WHERE position = 3",
            says: "tracker: partition", "its counter says"),
        Case(
            "an assignee in the Tracker's journal", in: "tracker",
            """
            UPDATE journal SET data = CAST(replace(CAST(data AS TEXT), '"assignee":"', '"assignee":"0') AS BLOB)
            WHERE position = 1
            """, says: "tracker: journal: task-created", "its code is wrong"),
        Case(
            "a payout's sum", in: "payouts", "UPDATE payout SET sum = sum + 100", says: "is missing or another"),
        Case("a price", in: "accounting", "UPDATE price SET reward = reward + 100", says: "price"),
        Case(
            "a task opened again", in: "tracker",
            """
            UPDATE task SET status = 0, completed_at = NULL
            WHERE position = (SELECT MIN(position) FROM task WHERE status = 1)
            """, says: "task"),
        Case(
            "a role in one service", in: "accounting",
            "UPDATE directory_person SET roles = 'accountant employee' WHERE name = 'Worker 2'",
            says: "accounting: directory_person", "Identity has"),
        Case(
            "a person in one service", in: "accounting",
            """
            INSERT INTO directory_person (id, name, email, roles, active)
            SELECT zeroblob(16), 'Ghost', '', 'accountant', 1
            """, says: "accounting: directory_person", "is unknown to Identity"),
        Case(
            "a key to sign with in one service", in: "tracker",
            "INSERT INTO directory_key (id, public, until) VALUES ('planted', zeroblob(65), 9999999999999)",
            says: "tracker: directory_key planted is not one that Identity has made"),
        Case(
            "the list of admins", in: "identity",
            "INSERT INTO identity_admin SELECT id FROM directory_person WHERE name = 'Worker 1'",
            says: "the list of admins differs"),
        Case(
            "the list of the eligible", in: "tracker", "DELETE FROM eligible WHERE person = \(someone)",
            says: "eligible"),
        Case(
            "a checkpoint moved on", in: "accounting",
            "UPDATE checkpoint SET number = number + 3 WHERE topic = 'tracker' AND partition = 0",
            says: "the checkpoint in tracker, partition 0"),
        Case(
            "a transfer deleted", in: "accounting",
            "DELETE FROM company_transfer WHERE id = (SELECT MIN(id) FROM company_transfer)",
            says: "transfer"),
        Case(
            "a record of the built-in provider deleted", in: "payouts",
            "DELETE FROM built_in_payment WHERE payout = (SELECT MIN(payout) FROM built_in_payment)", says: "payout"),
        Case(
            "a destination swapped", in: "payouts",
            "UPDATE payee SET sealed = (SELECT b.sealed FROM payee b WHERE b.person > payee.person ORDER BY b.person LIMIT 1) WHERE person = (SELECT MIN(person) FROM payee)",
            says: "the destination of person"),
        Case(
            "a parked event planted", in: "payouts",
            """
            INSERT INTO parked (topic, partition, number, id, key, name, version, time, trace, data, error, parked_at)
            SELECT 'accounting', partition, 9999, zeroblob(16), key, name, version, time, trace, data, '', 0 FROM
            parked WHERE 0 UNION ALL SELECT 'accounting', 1, 9999, randomblob(16), randomblob(16), 'payout-requested',
            1, 0, '', CAST('{}' AS BLOB), '', 0
            """, says: "payouts: parked: payout-requested.1", "its code is wrong"),
    ]

    @Test("Each is named", arguments: cases)
    func named(damage: Case) throws {
        let firm = try Firm()
        try firm.close()
        try firm.change(damage.service, damage.statements)
        let found = try firm.test.findings()
        #expect(
            found.contains { line in damage.says.allSatisfy { line.contains($0) } }
                || damage.says.allSatisfy { part in found.contains { $0.contains(part) } },
            "\(found.joined(separator: "\n"))")
    }

    @Test("A company that nobody has touched is whole")
    func whole() throws {
        let firm = try Firm()
        #expect(try firm.test.findings() == [])
        try firm.close()
        #expect(try firm.test.findings() == [])
        let accounting = try #require(firm.test.exchange.databases["accounting"])
        for table in ["company_transfer", "day_close", "price"] {
            let count: Int? = try accounting.read {
                try $0.value(SQL(text: "SELECT COUNT(*) FROM \(table)", values: []))
            }
            #expect(count ?? 0 > 0, "\(table) is empty: the cases prove nothing")
        }
    }

    @Test(
        "H5: a correction of 10.00 made one of 10,000.00, with hashes, balance, day and sums worked out anew, is named")
    func rewritten() throws {
        let (firm, other) = (try Firm(correcting: 1_000), try Firm(correcting: 1_000_000))
        #expect(firm.correction == other.correction)
        let forged = try #require(other.test.exchange.databases["accounting"])
        let database = try #require(firm.test.exchange.databases["accounting"])
        // The whole ledger as it would be, and nothing else.
        for table in ["account", "entry", "account_day", "company_sum"] {
            let rows = try forged.read { transaction in
                try transaction.fetch(SQL(text: "SELECT * FROM \(table)", values: [])).map(\.values)
            }
            try database.write { transaction in
                try transaction.send(SQL(text: "DELETE FROM \(table)", values: []))
                let marks = Array(repeating: "?", count: rows.first?.count ?? 0).joined(separator: ", ")
                try transaction.send("INSERT INTO \(table) VALUES (\(marks))", rows: rows)
            }
        }
        let found = try firm.test.findings()
        #expect(
            found.contains {
                $0.contains("entry \(firm.correction) (correction) of 10000.00") && $0.contains("its event says")
            }, "\(found)")
    }

    @Test("An event in the log that its publisher has not written is named, and so is one in its place")
    func log() throws {
        let firm = try Firm()
        let log = try #require(firm.test.exchange.log as? SQLiteEventLog)
        try log.database.write { transaction in
            try transaction.send(
                """
                UPDATE event SET data = CAST(replace(CAST(data AS TEXT), 'Feed', 'Feel') AS BLOB)
                WHERE position = (SELECT MIN(position) FROM event WHERE name = 'task-created')
                """)
        }
        #expect(
            try firm.test.findings().contains { $0.contains("event log: task-created") && $0.contains("is not what") })
    }

    @Test("X60: a password that was put in the place of another's signs nobody in")
    func passwords() throws {
        let firm = try Firm()
        func signIn() -> Int {
            firm.test.send(
                "POST", "/api/sessions", json: #"{"email":"ada@example.com","password":"correct horse battery"}"#,
                as: nil
            ).status
        }
        #expect(signIn() == 201)
        try firm.change("identity", ["UPDATE identity_credential SET changed_at = 0, salt = salt, code = zeroblob(32)"])
        #expect(signIn() == 401)
    }
}
