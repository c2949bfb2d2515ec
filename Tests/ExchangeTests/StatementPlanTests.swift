import Composition
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Every statement that a page, an endpoint, an event or a job runs, explained: cost stays flat as tables grow.
@Suite("Plans of statements")
struct StatementPlanTests {
    struct Statement: Hashable {
        let service: String
        let text: String
    }

    /// Tables that stay small whatever is done: their size is that of the house, or of what waits, not of the work.
    static let small: Set<String> = [
        "journal_cursor", "checkpoint", "lease", "migration", "eligible_size", "open_day", "price_range",
        "day_confirmation", "company_sum", "identity_key", "directory_key", "directory_denied", "parked", "parked_key",
        "outbox", "identity_stale", "last_setting",
    ]

    /// Indexes that hold only what waits to be done.
    static let waiting = [
        "journal_unnumbered", "journal_uncoded", "journal_number_uncoded", "day_close_unsealed", "hold_lasting",
        "rebuild_open",
    ]

    /// What goes through people or accounts, each with its reason. Nothing goes through tasks, entries or events.
    static let exceptions: [(fragment: String, reason: String)] = [
        ("parallel, code FROM identity_credential", "every person once, in the step that gave passwords codes"),
        ("SELECT id, person, sum FROM payout", "every payout once, in the step that gave payouts codes"),
        ("SELECT id, closed_hash, day FROM account", "a day's seal is a hash over the heads of all chains"),
        ("FROM account WHERE balance > 0", "the preview of the close; an index would cost at every posting"),
        ("INSERT INTO identity_stale", "once, when an older folder is taken over"),
        ("ORDER BY p.folded, p.id LIMIT", "read in the order of the index, as far as the page goes"),
        ("ORDER BY d.folded, d.id LIMIT", "read in the order of the index, as far as the page goes"),
        ("FROM payout WHERE 1 = 1   \nORDER BY id DESC LIMIT", "read in the order of its key, as far as the page goes"),
        ("SELECT id FROM identity_person LIMIT 1", "the first row there is"),
    ]

    /// What is sorted before a page of it is cut off, each with its reason. All other lists are read in the order of an
    /// index, as far as the page goes.
    static let sorted: [(fragment: String, reason: String)] = [
        ("FROM identity_key", "a handful of keys"),
        ("FROM directory_key", "a handful of keys"),
        ("FROM walk ORDER BY depth", "as many as the page has"),
        ("FROM dearest WHERE generation = ?\nAND day >= ?", "one a day, for a year at most"),
        ("FROM person_day WHERE generation = ? AND day = ?", "those who worked on one day, by their names"),
        ("IN (SELECT person FROM identity_word", "those who have the word in their names"),
        ("IN (SELECT person FROM directory_word", "those who have the word in their names"),
    ]

    @Test("No statement goes through, or sorts, a table that grows; the relay finds what has no number by its index")
    func plans() throws {
        let seen = Mutex<[Statement: [Value]]>([:])
        let test = try TestExchange(observe: { service, sql in
            seen.withLock { $0[Statement(service: service, text: sql.text)] = sql.values }
        })
        try work(test)
        let statements = seen.withLock { $0 }
        #expect(statements.count > 150, "only \(statements.count) statements were seen")
        var scans: [String] = []
        var sorts: [String] = []
        var relays = false
        for (statement, values) in statements {
            let plan = try plan(of: statement, values, in: test)
            if statement.text.contains("FROM journal") && plan.contains(where: { $0.contains("journal_unnumbered") }) {
                relays = true
            }
            if statement.text.contains("LIMIT"), plan.contains("USE TEMP B-TREE FOR ORDER BY"),
                !StatementPlanTests.sorted.contains(where: { statement.text.contains($0.fragment) })
            {
                sorts.append("\(statement.service): \(plan.joined(separator: "; "))\n    \(statement.text)")
            }
            guard !StatementPlanTests.exceptions.contains(where: { statement.text.contains($0.fragment) }) else {
                continue
            }
            scans += plan.filter { StatementPlanTests.isScan($0) }.map {
                "\(statement.service): \($0)\n    \(statement.text)"
            }
        }
        #expect(relays, "the relay's look for unnumbered events uses no journal_unnumbered")
        #expect(sorts.isEmpty, "\(sorts.count):\n\(sorts.sorted().joined(separator: "\n"))")
        #expect(scans.isEmpty, "\(scans.count):\n\(scans.sorted().joined(separator: "\n"))")
    }

    /// Whether a line of a plan goes through all of a table that grows. A full-text match is a scan by name only, and
    /// what a statement makes itself has no schema: `few`, `waiting`, `walk`.
    static func isScan(_ line: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        guard words.first == "SCAN", words.count > 1 else { return false }
        let own = ["few", "waiting", "w", "walk"]
        return !small.contains(words[1]) && !own.contains(words[1]) && !line.contains("VIRTUAL TABLE INDEX")
            && !line.contains("CONSTANT ROW") && !waiting.contains { line.hasSuffix("USING INDEX \($0)") }
    }

    @Test("The check finds what it looks for")
    func checked() {
        for line in ["SCAN task", "SCAN entry USING INDEX entry_day", "SCAN t"] { #expect(Self.isScan(line)) }
        for line in [
            "SEARCH task USING INDEX task_status (status=?)", "SCAN lease",
            "SCAN journal USING INDEX journal_unnumbered",
        ] {
            #expect(!Self.isScan(line))
        }
    }

    private func plan(of statement: Statement, _ values: [Value], in test: TestExchange) throws -> [String] {
        let verbs = ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"]
        guard verbs.contains(where: { statement.text.hasPrefix($0) }) else { return [] }
        let database = try #require(test.exchange.databases[statement.service])
        // Explained, a change changes nothing; but only a writing transaction may be asked.
        return try database.write { transaction in
            try transaction.fetch(SQL(text: "EXPLAIN QUERY PLAN " + statement.text, values: values)).map { try $0(3) }
        }
    }

    // MARK: The work

    /// Some of everything that people and programs do, and every page and look-up with and without filters.
    private func work(_ test: TestExchange) throws {
        let emma = try test.person("Emma Employee", "employee")
        let abe = try test.person("Abe Accountant", "accountant")
        let tasks = try (0..<6).map { try test.task("POP-\($0): Task \($0)", by: emma) }
        try test.exchange.settle()
        _ = test.send("POST", "/api/tasks/\(tasks[0])/completion", as: emma)
        _ = test.send("POST", "/api/reassignments", as: test.admin)
        _ = try importFile(test)
        try test.exchange.settle()
        _ = test.send(
            "POST", "/api/accounts/\(emma)/corrections", json: "{\"sum\":500,\"reason\":\"A test\"}", as: abe)
        _ = test.send("PATCH", "/api/people/\(emma)", json: "{\"roles\":[\"employee\",\"manager\"]}", as: test.admin)
        _ = test.send("PUT", "/api/people/\(emma)/password", json: "{\"password\":\"a long password\"}", as: test.admin)
        try test.exchange.settle()
        for day in 0..<2 {
            test.clock.advance(seconds: 24 * 3600)
            try test.exchange.settle()
            try look(test, values(test, emma, tasks[0]), as: day == 0 ? abe : test.admin)
        }
        // What has been forgotten by now is looked for and found.
        test.clock.advance(seconds: 8 * 86_400)
        try test.exchange.settle()
    }

    private func importFile(_ test: TestExchange) throws -> WebResponse {
        var request = WebRequest("POST", "/api/imports?name=work", credential: .local(test.admin))
        request.headers.contentType = "text/csv"
        request.headers.idempotencyKey = "import"
        let lines = [
            "created_at,created_by,title", "2020-01-01,ann,POP-9: Seeds", "2020-01-01,ann,POP-9: Seeds", "x,y,[",
        ]
        request.body = Array(lines.joined(separator: "\n").utf8)
        return test.exchange.respond(to: request)
    }

    /// What stands in the places of paths.
    private func values(_ test: TestExchange, _ person: ID, _ task: ID) throws -> [String: String] {
        func first(_ path: String, _ field: String = "id") throws -> String {
            try test.send("GET", path, as: test.admin).json()["items"].list.first?[field].text ?? "-"
        }
        return [
            "person": person.description, "task": task.description, "import": try first("/api/imports"),
            "reassignment": try first("/api/reassignments"), "service": "tracker", "position": "1",
            "payout": try first("/api/payouts", "payout"), "event": task.description, "day": "2026-03-02",
        ]
    }

    /// Reads everything that can be read.
    private func look(_ test: TestExchange, _ values: [String: String], as person: ID) throws {
        let filters = [
            "", "?q=task", "?q=task&status=open", "?status=open", "?status=done&assignee=\(values["person"] ?? "")",
            "?state=pending", "?state=paid&person=\(values["person"] ?? "")", "?search=emma", "?limit=2",
            "?name=task-created", "?key=\(values["task"] ?? "")&service=tracker",
            "?day=2026-03-02", "?from=2026-03-01&to=2026-03-03", "?people=&days=",
        ]
        for endpoint in test.exchange.runners.flatMap(\.endpoints) where endpoint.method == .get {
            let path = endpoint.path.split(separator: "/").map { part in
                part.hasPrefix("{") ? values[String(part.dropFirst().dropLast())] ?? "-" : String(part)
            }.joined(separator: "/")
            for filter in filters {
                let answer = test.send("GET", "/" + path + filter, as: person)
                #expect(answer.status < 500, "\(path)\(filter): \(answer.status)")
                try follow(test, answer, "/" + path, as: person)
            }
        }
    }

    /// The second page of a list.
    private func follow(_ test: TestExchange, _ answer: WebResponse, _ path: String, as person: ID) throws {
        guard answer.status == 200, path.hasPrefix("/api"), let next = try? answer.json()["next"].text else { return }
        #expect(test.send("GET", "\(path)?limit=2&cursor=\(next)", as: person).status < 500)
    }
}
