import Contracts
import Directory
import Values
import Web

/// The texts of each letter in one language, in the form that the templates take.
struct LetterWords {
    let language: Language
    let company: Company

    private var format: Format { Format(language: language, company: company) }

    func text(_ key: String, _ values: [String: String] = [:]) -> String {
        MailerTexts.text(key, language, values.merging(["company": company.name]) { $1 })
    }

    /// The parts of every letter: a greeting, one paragraph for its kind, a link, and the sender.
    func letter(_ kind: String, name: String, button: (label: String, path: String)?) -> [String: Any] {
        var model: [String: Any] = [
            "lang": language.rawValue, "company": company.name,
            "greeting": name.isEmpty ? text("letter.greeting.nobody") : text("letter.greeting", ["name": name]),
            "about": text("letter.\(kind).about", ["address": company.publicAddress]), "foot": text("letter.foot"),
        ]
        if let button {
            model["button"] = ["label": text(button.label), "link": company.publicAddress + button.path]
        }
        return model
    }

    func account(name: String) -> [String: Any] {
        var model = letter("account", name: name, button: ("letter.account.button", "/sign-in"))
        model["more"] = text("letter.account.more")
        return model
    }

    // MARK: Assignments

    func assignedSubject(_ tasks: [LetterContent.Task], more: Int) -> String {
        if more == 0, tasks.count == 1, let task = tasks.first {
            return text("letter.assigned.subject.one", ["title": LetterWords.named(task.title, task.jiraID)])
        }
        return text("letter.assigned.subject", ["count": format.count(tasks.count + more)])
    }

    func assigned(_ tasks: [LetterContent.Task], more: Int, name: String) -> [String: Any] {
        var model = letter("assigned", name: name, button: ("letter.assigned.button", "/"))
        model["tasks"] = tasks.map { task in
            ["title": LetterWords.named(task.title, task.jiraID), "link": "\(company.publicAddress)/tasks/\(task.id)"]
        }
        if more > 0 { model["more"] = text("letter.assigned.more", ["count": format.count(more)]) }
        return model
    }

    // MARK: Payouts

    func payoutSubject(_ payout: LetterContent.Payout) -> String {
        text(
            "letter.payout.subject",
            ["sum": format.money(payout.paid), "currency": company.currency, "day": format.day(payout.day)])
    }

    func payout(_ payout: LetterContent.Payout, name: String) -> [String: Any] {
        var model = letter("payout", name: name, button: ("letter.payout.button", "/account?day=\(payout.day)"))
        model["about"] = text("letter.payout.about", ["day": format.day(payout.day)])
        model["sum"] = format.money(payout.paid)
        model["currency"] = company.currency
        var statement: [String: Any] = [
            "heading": text("letter.payout.statement"), "openingLabel": text("letter.payout.opening"),
            "opening": format.money(payout.opening), "paidLabel": text("letter.payout.paid"),
            "paid": format.money(payout.paid),
            "rows": payout.operations.map { operation in
                [
                    "clock": String(format.clock(operation.at).prefix(5)),
                    "kind": text("letter.kind.\(operation.kind.rawValue)"),
                    "what": LetterWords.named(operation.what, operation.jiraID),
                    "sum": format.signed(operation.sum), "balance": format.money(operation.balance),
                ]
            },
        ]
        if payout.more > 0 { statement["more"] = text("letter.payout.more", ["count": format.count(payout.more)]) }
        model["statement"] = statement
        return model
    }

    // MARK: Changes that may not have been the reader's own

    /// A change that this version does not know is described in general words.
    private static func known(_ access: LetterContent.Access) -> String {
        AccessChanged.What(rawValue: access.what)?.rawValue ?? "other"
    }

    func accessSubject(_ access: LetterContent.Access) -> String {
        let subject = text("letter.access.\(LetterWords.known(access)).subject")
        return access.whose.map { text("letter.access.whose.subject", ["name": $0, "subject": subject]) } ?? subject
    }

    func access(_ access: LetterContent.Access, name: String) -> [String: Any] {
        let what = AccessChanged.What(rawValue: access.what)
        func shown(_ value: String?) -> String {
            guard let value, !value.isEmpty else { return "–" }
            return switch what {
            case .email: MailAddress.shown(value)
            case .roles: value.parts(at: ",").map { role($0.trimmed()) }.joined(separator: ", ")
            default: value
            }
        }
        var model = letter(
            "access", name: name,
            button: access.whose == nil ? ("letter.access.button", "/me") : ("letter.access.people", "/people"))
        let about = text(
            "letter.access.\(LetterWords.known(access)).about",
            ["before": shown(access.before), "after": shown(access.after)])
        let when = text("letter.changed.at", ["time": format.time(access.at)])
        let by = access.by.map { " " + text("letter.changed.by", ["name": $0]) } ?? ""
        let whose = access.whose.map { text("letter.access.whose.about", ["name": $0]) + " " } ?? ""
        model["about"] = "\(whose)\(about) \(when)\(by)"
        model["more"] = text(access.whose == nil ? "letter.changed.more" : "letter.access.whose.more")
        return model
    }

    // MARK: Links

    /// - Parameter path: of the link; `nil` where the letter is only shown.
    func link(_ path: String?, name: String) -> [String: Any] {
        var model = letter("link", name: name, button: path.map { ("letter.link.button", $0) })
        model["more"] = text(path == nil ? "letter.link.kept" : "letter.link.more")
        return model
    }

    /// The role as the pages call it; a role of the company's own keeps its name.
    private func role(_ name: String) -> String {
        Role.staff.contains(name) ? text("letter.role.\(name)") : name
    }

    func destination(_ destination: LetterContent.Destination, name: String) -> [String: Any] {
        var model = letter("destination", name: name, button: ("letter.destination.button", "/payouts/destination"))
        let about = text(
            destination.before == nil ? "letter.destination.first" : "letter.destination.about",
            ["before": "•••• " + (destination.before ?? ""), "after": "•••• " + destination.tail])
        model["about"] = about + " " + text("letter.changed.at", ["time": format.time(destination.at)])
        model["more"] = text("letter.changed.more")
        return model
    }

    private static func named(_ title: String, _ jiraID: String?) -> String {
        jiraID.map { "\($0) \(title)" } ?? title
    }
}
