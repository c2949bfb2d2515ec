/// A page that is shown before a form that cannot be undone: it says what the form will do and cost. A link with
/// `data-dialog` leads to it. With scripts, it is shown in a dialog over the page.
package struct Confirmation: Sendable {
    /// Catalogue keys, or plain text.
    let title: String
    let button: String
    /// Catalogue keys, or plain text in the reader's language: one paragraph each.
    let lines: [String]
    /// The details: what it is about, and what it costs.
    package var facts: [(label: String, value: String)] = []
    /// The path of a fragment with details that only another service knows.
    package var part: String?
    /// The fields that the form sends besides its token.
    package var fields: [(name: String, value: String)] = []
    /// The address that the form is sent to.
    let action: String
    /// The address to go to on cancel.
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
    /// The page that asks for confirmation of a form.
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
