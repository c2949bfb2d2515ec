import Directory
import Values

/// What a page's layout needs from the request.
package struct PageContext: Sendable {
    /// The signed-in person. Without one, the page has no navigation.
    package var person: Person?
    package var language: Language
    /// For the hidden field `csrf` of every form.
    package var csrf: String
    /// A fresh idempotency key for the hidden field `once` of a form.
    package var once: String
    /// The requested path, without the query: it marks the current item of the navigation.
    package var path: String
    /// `light` or `dark`; `nil` follows the reader's system.
    package var theme: String?
    package var requestID: String
    /// When the request arrived: the page listens for changes after it.
    package var at: Instant
    /// The result of the form just sent, shown above the page.
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
