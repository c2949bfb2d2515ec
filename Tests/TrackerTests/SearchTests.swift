import Contracts
import Directory
import Storage
import TestKit
import TestTraits
import Testing
import Tracker
import Values
import Web

/// Search in tasks: the same hits on both databases (X17).
@Suite("Search", .onEachDatabase)
struct SearchTests {
    private func desk() throws -> (TrackerFixture, ID) {
        let desk = try TrackerFixture(database: TestDatabase.fresh("tracker"))
        return (desk, try desk.person("Emma"))
    }

    private func hits(_ text: String, _ desk: TrackerFixture, _ person: ID) throws -> [String] {
        let answer = desk.ask("GET", "/api/tasks?q=\(text.percentCoded)", as: person)
        #expect(answer.status == 200, "\(answer.text)")
        let items = try TrackerFixture.object(answer)["items"] as? [[String: Any]] ?? []
        return items.compactMap { $0["title"] as? String }.reversed()
    }

    @Test("X17: case, accents and normal forms are folded alike in what is stored and what is asked")
    func folded() throws {
        let (desk, emma) = try desk()
        let titles = ["nfd займе\u{308}тся", "nfc займётся", "ЗАЙМЕТСЯ", "Émile’s naïve coöp", "straße"]
        for title in titles { #expect(try desk.create(title, as: emma).status == 201) }
        for text in ["займётся", "займе\u{308}тся", "займется", "ЗАЙМЁТСЯ", "займ"] {
            #expect(try hits(text, desk, emma) == Array(titles.prefix(3)), "\(text)")
        }
        for text in ["emile naive COOP", "ÉMILE", "Naïv"] {
            #expect(try hits(text, desk, emma) == [titles[3]], "\(text)")
        }
        #expect(try hits("STRAße", desk, emma) == [titles[4]])
    }

    @Test("X17: the beginning of few words and of many, alone and after another word, finds the same on both databases")
    func beginnings() throws {
        let (desk, emma) = try desk()
        let ends = "abcdefghijklmnopqrstuvwxyz".map { "stream\($0)" }
        let few = ["Kafka broker", "kafka brokers", "Kafka broke", "Broken pipe", "Брокер"]
        for title in few + ends + ends.map({ "\($0)s kafka" }) {
            #expect(try desk.create(title, as: emma).status == 201)
        }
        #expect(try hits("brok", desk, emma) == Array(few.prefix(4)))
        #expect(try hits("kafka broke", desk, emma) == Array(few.prefix(3)))
        #expect(try hits("брок", desk, emma) == [few[4]])
        #expect(try hits("brokerage", desk, emma).isEmpty)
        #expect(try hits("kafka strange", desk, emma).isEmpty)
        // 52 words begin like this: more than are listed.
        #expect(Set(try hits("stream", desk, emma)).isSuperset(of: ends.suffix(20)))
        #expect(try hits("kafka stream", desk, emma).count == 26)
        #expect(try hits("streamz", desk, emma) == ["streamz", "streamzs kafka"])
    }

    @Test("X17: every delimiter, before and after marks and joiners, cuts words and breaks nothing")
    func hostile() throws {
        let (desk, emma) = try desk()
        let marks = ["\u{301}", "\u{338}", "\u{200D}", "\u{FE0F}"]
        let delimiters = [
            "\"", "'", "*", ":", "(", ")", "&", "|", "!", "<", "^", "%", "_", "-", "\\", "$$", "{", "NEAR", "AND",
        ]
        #expect(try desk.create("alpha \"\u{301} beta", as: emma).status == 201)
        for delimiter in delimiters {
            for mark in marks {
                for text in [
                    "a\(delimiter)\(mark)b", "\(delimiter)\(mark)", "\(mark)\(delimiter)", "\(delimiter)\(mark)*",
                ] {
                    _ = try hits(text, desk, emma)
                }
                if delimiter.utf8.count == 1 {
                    #expect(try hits("alpha\(delimiter)\(mark)beta", desk, emma).count == 1, "\(delimiter)")
                }
            }
        }
    }

    @Test("X17: all words count, also the eleventh; the last may be a beginning; a ticket's id is whole")
    func words() throws {
        let (desk, emma) = try desk()
        let eleven = "one two three four five six seven eight nine ten eleven"
        #expect(try desk.create(eleven, as: emma).status == 201)
        #expect(try desk.create("POP-1: well-known things", as: emma).status == 201)
        #expect(try hits(eleven, desk, emma) == [eleven])
        #expect(try hits("one two three four five six seven eight nine ten twelve", desk, emma).isEmpty)
        #expect(try hits("well-kno", desk, emma) == ["well-known things"])
        #expect(try hits("known well", desk, emma) == ["well-known things"])
        #expect(try hits("wel known", desk, emma).isEmpty)
        #expect(try hits("pop-1", desk, emma) == ["well-known things"])
        #expect(try hits("POP", desk, emma) == ["well-known things"])
        for text in ["...", "\u{301}", "-"] { #expect(try hits(text, desk, emma).isEmpty) }
    }

    @Test("X17: tasks that were there before the words were folded are found after the job has run")
    func backlog() throws {
        let (desk, emma) = try desk()
        for index in 0..<1_203 { #expect(try desk.create("Old \(index)", as: emma).status == 201) }
        // As step 2 of the schema leaves a database that has tasks.
        try desk.database.write { transaction in
            switch transaction.dialect {
            case .sqlite: try transaction.send("INSERT INTO task_search (task_search) VALUES ('delete-all')")
            case .postgresql: try transaction.send("DELETE FROM task_search")
            }
            try transaction.send("UPDATE search_backlog SET through = (SELECT MAX(position) FROM task)")
        }
        #expect(try desk.create("New one", as: emma).status == 201)
        #expect(try hits("old 7", desk, emma).isEmpty)
        #expect(try desk.findings() == [])
        try desk.work()
        #expect(try hits("old 7", desk, emma) == ["Old 7"])
        #expect(try hits("old 1202", desk, emma) == ["Old 1202"])
        #expect(try hits("new", desk, emma) == ["New one"])
        #expect(try desk.count("SELECT COUNT(*) FROM task_search") == 1_204)
        #expect(try desk.findings() == [])
        #expect(try desk.work() == 0)
    }
}

extension String {
    fileprivate var percentCoded: String {
        utf8.map { "%" + (String($0, radix: 16).count == 1 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
