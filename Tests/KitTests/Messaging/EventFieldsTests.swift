import Messaging
import Testing
import Values

@Suite("Fields of an event's data")
struct EventFieldsTests {
    private func read(_ data: String) throws -> EventFields {
        try EventFields(
            Envelope(
                id: ID(high: 1, low: 2), topic: "trial", name: "happened", version: 1, key: ID(high: 3, low: 4),
                time: Instant(milliseconds: 0), trace: "t", data: Array(data.utf8)))
    }

    @Test("Every kind of field is read as it was written, whatever stands around it")
    func reads() throws {
        let id = ID(high: 0x0190_a000_0000_7000, low: 0x8000_0000_0000_0001)
        let fields = try read(
            #"""
             { "title":"Feed the \"cat\" {and [ tell\u0041", "o" : {"title":"x","a":[1,"}\"]"]}, "sum":-1200,
             "jira_id":null,"day":"2026-11-21","task":"\#(id)","пусто":"","last":true}
            """#)
        #expect(try fields.value("title") == "Feed the \"cat\" {and [ tellA")
        #expect(try fields.integer("sum") == -1200)
        #expect(try fields.optional("jira_id", as: String.self) == nil)
        #expect(try fields.optional("nothing", as: String.self) == nil)
        #expect(try fields.value("day") == Day("2026-11-21"))
        #expect(try fields.value("task") == id)
        #expect(try fields.value("пусто") == "")
        #expect(throws: UnreadableEvent.self) { try fields.integer("title") }
        #expect(throws: UnreadableEvent.self) { try fields.value("sum", as: String.self) }
        #expect(throws: UnreadableEvent.self) { try fields.value("title", as: ID.self) }
        #expect(throws: UnreadableEvent.self) { try fields.value("nothing", as: String.self) }
    }

    @Test(
        "Data that is no object is refused",
        arguments: [
            "", " ", "[]", "nope", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"x", "{\"a\":\"\\", "{,}",
            "{\"a\":{\"b\":1}",
            "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}",
        ])
    func refuses(data: String) {
        #expect(throws: UnreadableEvent.self) { try read(data) }
    }

    @Test("Nothing in it is nothing missing")
    func empty() throws {
        #expect(try read(" {} ").optional("a", as: String.self) == nil)
    }
}
