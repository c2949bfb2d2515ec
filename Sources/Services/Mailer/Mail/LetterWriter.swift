import Foundation
import Mustache
import Values
import Web

/// Writes letters: one template for plain text and one for HTML, with texts from the catalogues.
struct LetterWriter: Sendable {
    let company: Company
    let from: Mailbox
    /// The host after the `@` of a Message-ID.
    let host: String
    private let templates: MustacheLibrary

    /// A written letter.
    struct Written: Sendable, Hashable {
        let subject: String
        let text: String
        let html: String
    }

    init(company: Company, from: Mailbox?) throws {
        self.company = company
        host = LetterWriter.host(of: company.publicAddress)
        self.from = try from ?? Mailbox(name: company.name, address: "popug@\(host)")
        templates = try LetterWriter.compiled.get()
    }

    /// The templates are the same in every program, and are compiled once.
    private static let compiled = Result {
        var templates = MustacheLibrary()
        // `escaped` escapes everything before it reaches the template.
        let plain = "{{% CONTENT_TYPE:TEXT}}\n"
        try templates.register(
            plain + String(decoding: PackageResources.letter_text_mustache, as: UTF8.self), named: "text")
        try templates.register(
            plain + String(decoding: PackageResources.letter_html_mustache, as: UTF8.self), named: "html")
        return templates
    }

    /// `nil` if the letter's facts were dropped.
    func message(of letter: Letter, to: Mailbox) throws -> MailMessage? {
        try letter.said().map { message($0, of: letter, to: to, link: nil) }
    }

    /// - Parameter link: the path of the link, in the one message that is sent; otherwise a line in its place.
    func message(_ content: LetterContent, of letter: Letter, to: Mailbox, link: String?) -> MailMessage {
        let written = write(content, to: to.name, letter.language, link: link)
        return message(written, to: to, id: LetterWriter.messageID(of: letter, host), at: letter.at)
    }

    /// The message that `popug mail test` sends.
    func test(to: Mailbox, id: ID, at now: Instant, _ language: Language) -> MailMessage {
        let words = LetterWords(language: language, company: company)
        return message(
            render(words.letter("test", name: "", button: nil), words.text("letter.test.subject")), to: to,
            id: "\(id)@\(host)", at: now)
    }

    func write(
        _ content: LetterContent, to name: String, _ language: Language, link: String? = nil
    ) -> Written {
        let words = LetterWords(language: language, company: company)
        switch content {
        case .account:
            return render(words.account(name: name), words.text("letter.account.subject"))
        case .assigned(let tasks, let more):
            return render(
                words.assigned(tasks, more: more, name: name), words.assignedSubject(tasks, more: more))
        case .payout(let payout):
            return render(words.payout(payout, name: name), words.payoutSubject(payout))
        case .access(let access):
            return render(words.access(access, name: name), words.accessSubject(access))
        case .destination(let destination):
            return render(words.destination(destination, name: name), words.text("letter.destination.subject"))
        case .link:
            return render(words.link(link, name: name), words.text("letter.link.subject"))
        }
    }

    /// Derived from the event, so that a mail program shows a letter that was sent twice only once. A copy sent by hand
    /// has its own Message-ID.
    static func messageID(of letter: Letter, _ host: String) -> String {
        letter.copies == 0 ? "\(letter.id)@\(host)" : "\(letter.id).\(letter.copies)@\(host)"
    }

    private func message(_ written: Written, to: Mailbox, id: String, at: Instant) -> MailMessage {
        MailMessage(
            from: from, to: to, subject: written.subject, text: written.text, html: written.html, messageID: id, at: at)
    }

    private func render(_ model: [String: Any], _ subject: String) -> Written {
        var html = LetterWriter.escaped(model) as? [String: Any] ?? [:]
        html["subject"] = Markup.escape(subject)
        return Written(
            subject: subject, text: templates.render(model, withTemplate: "text") ?? "",
            html: templates.render(html, withTemplate: "html") ?? "")
    }

    private static func escaped(_ value: Any) -> Any {
        switch value {
        case let text as String: Markup.escape(text)
        case let list as [Any]: list.map(escaped)
        case let object as [String: Any]: object.mapValues(escaped)
        default: value
        }
    }

    private static func host(of address: String) -> String {
        MailAddress.domain(URLComponents(string: address)?.host ?? "") ?? "localhost"
    }
}
