/// What a form that cannot be undone will do and cost: a page of its own before the form is sent. A link with
/// `data-dialog` leads to it; where there are scripts it is shown in a dialog over the page.
package struct Confirmation: Sendable {
    /// Catalogue keys, or plain text.
    let title: String
    let button: String
    /// Catalogue keys, or plain text in the reader's language: one paragraph each.
    let lines: [String]
    /// What it is about, and what it costs.
    package var facts: [(label: String, value: String)] = []
    /// The path of a fragment that says what only another service knows.
    package var part: String?
    /// What the form sends along, beside its token.
    package var fields: [(name: String, value: String)] = []
    /// Where the form is sent.
    let action: String
    /// Where the reader goes instead.
    let back: String

    package init(title: String, button: String, lines: [String], action: String, back: String) {
        self.title = title
        self.button = button
        self.lines = lines
        self.action = action
        self.back = back
    }
}

extension Answer {
    /// The page that asks whether a form is meant.
    package static func asking(_ confirmation: Confirmation) -> Answer {
        .page(
            "kit/confirmation", title: confirmation.title,
            [
                "lines": .list(confirmation.lines.map { .key($0) }),
                "facts": .list(confirmation.facts.map { ["label": .text($0.label), "value": .text($0.value)] }),
                "anyFact": .flag(!confirmation.facts.isEmpty),
                "fields": .list(confirmation.fields.map { ["name": .text($0.name), "value": .text($0.value)] }),
                "part": confirmation.part.map { Answer.include($0) } ?? .none,
                "button": .key(confirmation.button), "action": .text(confirmation.action),
                "cancel": .text(confirmation.back),
            ])
    }
}
