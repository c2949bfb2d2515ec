import Directory
import Values

/// What the layout of a page needs to know of the request.
package struct PageContext: Sendable {
    /// Who is signed in; the page has no navigation without.
    package var person: Person?
    package var language: Language
    /// For the hidden field `csrf` of every form.
    package var csrf: String
    /// A fresh idempotency key for the hidden field `once` of a form.
    package var once: String
    /// The path asked for, without the query: marks the current item of the navigation.
    package var path: String
    /// `light` or `dark`; `nil` follows the reader's system.
    package var theme: String?
    package var requestID: String
    /// When the request came: the page listens for what moves after it.
    package var at: Instant
    /// What a form has just done, shown above the page.
    package var said: Said?
    /// What was wrong with the form that the page shows again.
    package var problem: Problem?

    package init(
        person: Person?, language: Language, csrf: String, once: String, path: String, theme: String? = nil,
        requestID: String, at: Instant
    ) {
        self.person = person
        self.language = language
        self.csrf = csrf
        self.once = once
        self.path = path
        self.theme = theme
        self.requestID = requestID
        self.at = at
    }
}
