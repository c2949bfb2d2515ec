import Directory
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@testable import Composition
@testable import Mailer

@Suite("Addresses of letters", .onEachDatabase)
struct AddressTests {
    @Test("A domain with letters beyond ASCII goes out as mail servers take it, and is shown as it is read")
    func domains() throws {
        let mail = try MailFixture()
        let admin = try mail.settled("Ada", roles: [Role.admin])
        // As it was kept before, and as it is kept now.
        let people = try [
            mail.person("Ute", email: "ute@bücher.example"), mail.person("Uwe", email: "uwe@xn--bcher-kva.example"),
        ]
        try mail.rest()
        #expect(
            mail.transport.sent.suffix(2).map(\.to) == ["ute@xn--bcher-kva.example", "uwe@xn--bcher-kva.example"])
        #expect(mail.transport.sent.last?.header("To") == "Uwe <uwe@xn--bcher-kva.example>")
        for (person, name) in zip(people, ["ute", "uwe"]) {
            let letter = try #require(try mail.letters(to: person).first)
            #expect(letter.state == .sent && letter.address == "\(name)@xn--bcher-kva.example")
            #expect(mail.send("GET", "/letters/\(letter.id)", as: admin).text.contains("\(name)@bücher.example"))
        }
        for text in ["B%C3%9CCHER", "bucher", "bu%CC%88cher", "xn--bcher", "ute%40b%C3%BCcher.example"] {
            let page = mail.send("GET", "/letters?person=\(text)", as: admin)
            #expect(page.text.contains("/letters?person=\(people[0])"), "\(text)")
        }
        #expect(try mail.problems() == [])
    }

    @Test("Who has letters before the @ that mail does not take gets no letter, and the reason is said")
    func local() throws {
        let mail = try MailFixture()
        let person = try mail.person("Jürgen", email: "jürgen@a.example")
        try mail.rest()
        let letter = try #require(try mail.letters(to: person).first)
        #expect(mail.transport.tried.isEmpty && letter.state == .refused)
        #expect(letter.words == "jürgen@a.example has letters before the @ that many mail servers do not take")
    }

    @Test(
        "A test letter goes to what is an address, and a refusal says what to do",
        arguments: [
            ("ada@bücher.example", ""), ("a..b@c.example", "mailer.address"), ("-a@c.example", "mailer.address"),
            ("a@\\u0301b@c.example", "mailer.address"), ("a,\\u0338b@c.example", "mailer.address"),
            ("jürgen@c.example", "mailer.address-local"),
        ])
    func tests(address: String, key: String) throws {
        let mail = try MailFixture()
        let admin = try mail.settled("Ada", roles: [Role.admin])
        let answer = mail.send("POST", "/api/mail/tests", json: "{\"address\":\"\(address)\"}", as: admin, key: "t")
        if key.isEmpty {
            #expect(answer.status == 200 && mail.transport.tried.last == "ada@xn--bcher-kva.example")
        } else {
            #expect(answer.status == 422 && answer.text.contains("/problems/\(key)\""))
            #expect(mail.transport.tried.count == 1)
        }
    }

    @Test("People are found by any part of name or address; what means something to a database means only itself")
    func search() throws {
        let mail = try MailFixture()
        let emma = try mail.person("Émma 100%", email: "emma_1@popug.test")
        let otto = try mail.person("Otto 'n' Ёж", email: "otto@popug.test")
        func found(_ text: String) throws -> [ID] {
            try mail.database.read { try LetterList.people(like: text, in: $0) }
        }
        try mail.rest()
        for text in ["emma", "ÉMM", "E\u{301}mma", "100%", "%", "A_1", "  mma 1"] {
            #expect(try found(text) == [emma], "\(text)")
        }
        for text in ["'n'", "'", "ёж", "ЕЖ", "е\u{308}ж", "OTTO@POPUG"] {
            #expect(try found(text) == [otto], "\(text)")
        }
        #expect(try found("popug.test").sorted() == [emma, otto].sorted())
        for text in ["", " ", "!", "!%", "%%", "__", "\\", "\"", "a%b", "*"] {
            #expect(try found(text).isEmpty, "\(text)")
        }
        // A mark is folded away, and hides nothing that stands beside it.
        for mark in ["\u{301}", "\u{338}", "\u{200C}", "\u{200D}", "\u{FE0F}"] {
            #expect(try found("100%" + mark) == [emma], "\(mark.unicodeScalars)")
            #expect(try found("100" + mark + "%") == [emma], "\(mark.unicodeScalars)")
            #expect(try found("emma_" + mark) == [emma], "\(mark.unicodeScalars)")
            for delimiter in ["%", "_", "!", "'", "\""] {
                #expect(try found("x" + delimiter + mark).isEmpty && found("x" + mark + delimiter).isEmpty)
            }
        }
    }
}

@Suite("Who letters come from")
struct SenderTests {
    @Test("mail-from is kept by the rule that accounts are made by")
    func from() throws {
        func sender(_ text: String) throws -> Mailbox? {
            try MailerService.settings.from.value(in: SettingValues(["mail-from": text]))
        }
        #expect(try sender("Popug <popug@bücher.example>")?.address == "popug@xn--bcher-kva.example")
        #expect(try sender("") == nil)
        for (wrong, words) in [
            ("popug", "mail-from must be like"), ("-popug@a.example", "mail-from must be like"),
            ("Popug <a..b@a.example>", "mail-from must be like"), ("попуг@a.example", "letters before the @"),
        ] {
            let failure = #expect(throws: SettingError.self) { try sender(wrong) }
            #expect("\(failure.map { "\($0)" } ?? "")".contains(words), "\(wrong)")
        }
    }
}
