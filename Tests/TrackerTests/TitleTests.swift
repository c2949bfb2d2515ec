import Contracts
import Testing
import Tracker
import Web

@Suite("Titles")
struct TitleTests {
    @Test(
        "X13: an id at the start is split off, in every style",
        arguments: [
            ("[POP-42] - Feed the cat", "POP-42", "Feed the cat"), ("POP-42: Feed the cat", "POP-42", "Feed the cat"),
            ("POP-42; Feed the cat", "POP-42", "Feed the cat"), ("POP-42, Feed", "POP-42", "Feed"),
            ("POP-42|Feed", "POP-42", "Feed"), ("POP-42 - ; Feed", "POP-42", "Feed"), ("POP-42 Feed", "POP-42", "Feed"),
            ("  [ POP-42 ]Feed ", "POP-42", "Feed"), ("X2Y-7:Feed", "X2Y-7", "Feed"),
            ("POP-1; POP-2; both", "POP-1", "POP-2; both"),
        ])
    func split(text: String, id: String, title: String) throws {
        let parsed = try TaskTitle.parse(text)
        #expect(parsed.jiraID?.text == id)
        #expect(parsed.title == title)
    }

    @Test(
        "X13: what is no id stays in the title",
        arguments: ["pop-42: small letters", "POP-42", "POP-42(x)", "POP-: none", "-42 below", "Feed POP-42", "POP 42"])
    func whole(text: String) throws {
        #expect(try TaskTitle.parse(text) == TaskTitle.parse(text, jiraID: ""))
        #expect(try TaskTitle.parse(text).jiraID == nil)
        #expect(try TaskTitle.parse(text).title == text)
    }

    @Test(
        "X11, X13: a title that breaks a rule is refused with the rule's name",
        arguments: [
            ("", "task.empty"), ("   ", "task.empty"), ("\u{200B}", "task.empty"), ("[POP-42]", "task.empty"),
            ("POP-42:", "task.empty"), ("a [b] c", "task.brackets"), ("[x", "task.brackets"),
            ("POP-42: [2/3] part", "task.brackets"), ("a\nb", "task.control"), ("a\u{0}b", "task.control"),
            ("a\u{202E}b", "task.control"), ("a\u{2066}b", "task.control"), ("a\tb", "task.control"),
            (String(repeating: "x", count: 201), "task.long"),
            ("e" + String(repeating: "\u{301}", count: 2000), "task.long"),
        ])
    func refused(text: String, key: String) {
        #expect {
            try TaskTitle.parse(text)
        } throws: { error in
            (error as? Problem)?.key == key
        }
    }

    @Test(
        "X11: emoji, other scripts, HTML and SQL are titles like any other; 200 characters are allowed",
        arguments: [
            "👩‍👩‍👧‍👦 family", "قطة جائعة", "<script>alert(1)</script>", "'); DROP TABLE task;--",
            String(repeating: "é", count: 200), String(repeating: "🦜", count: 200),
        ])
    func kept(text: String) throws {
        #expect(try TaskTitle.parse(text).title == text)
    }

    @Test("X13: an id given beside the title is checked, and must not contradict the title")
    func given() throws {
        #expect(try TaskTitle.parse("Feed", jiraID: " POP-1 ").jiraID?.text == "POP-1")
        #expect(try TaskTitle.parse("POP-1: Feed", jiraID: "POP-1").title == "Feed")
        #expect(throws: Problem.self) { try TaskTitle.parse("POP-2: Feed", jiraID: "POP-1") }
        #expect(throws: Problem.self) { try TaskTitle.parse("Feed", jiraID: "pop 1") }
    }
}
