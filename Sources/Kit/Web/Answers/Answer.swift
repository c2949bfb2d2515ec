import Values

/// What an endpoint answers.
package struct Answer: Sendable {
    package enum Content: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// A template of the service, filled and put in the layout. `title` is a catalogue key or plain text.
        case page(template: String, title: String, model: Model)
        /// A template filled, without the layout.
        case fragment(template: String, model: Model)
    }

    package var status: Int
    package var content: Content
    package var headers: [(name: String, value: String)] = []
    /// Cookies to set; see ``Cookie``.
    package var cookies: [Cookie] = []
    /// What was wrong with the form that this answer shows again. The runner sets it.
    var problem: Problem?
    /// A message that the next page shows once.
    var said: Said?

    package init(status: Int, content: Content = .none) {
        self.status = status
        self.content = content
    }

    package static let nothing = Answer(status: 204)

    /// 303: redirects after a form is done.
    package static func redirect(to location: String) -> Answer {
        var answer = Answer(status: 303)
        answer.headers.append(("Location", location))
        return answer
    }

    package static func page(_ template: String, title: String, _ model: Model, status: Int = 200) -> Answer {
        Answer(status: status, content: .page(template: template, title: title, model: model))
    }

    package static func fragment(_ template: String, _ model: Model) -> Answer {
        Answer(status: 200, content: .fragment(template: template, model: model))
    }

    /// A file to download, UTF-8 with the given name.
    package static func csv(_ text: String, name: String) -> Answer {
        var answer = Answer(status: 200, content: .bytes(Array(text.utf8), type: "text/csv; charset=utf-8"))
        answer.headers.append(("Content-Disposition", "attachment; filename=\"\(name)\""))
        return answer
    }

    /// A mark that the entrance, or the gateway, replaces with the answer of the fragment endpoint at `path`, requested
    /// for the same caller. If that service is down, a line says so instead. Put it in a template with three braces.
    package static func include(_ path: String) -> Model {
        .text(IncludingPage.mark(path))
    }
}

/// A cookie to set or clear. Always HttpOnly, SameSite=Lax, Path=/, and Secure if the public address is https; then its
/// name has the prefix `__Host-`.
package struct Cookie: Sendable {
    package let name: String
    package let value: String
    /// How long it is kept, in seconds; 0 clears it.
    package let maxAge: Int

    package init(name: String, value: String, maxAge: Int) {
        self.name = name
        self.value = value
        self.maxAge = maxAge
    }
}

/// The values for a template.
package indirect enum Model: Sendable {
    case none
    case text(String)
    case flag(Bool)
    case list([Model])
    case object([String: Model])
    /// A moment. A template shows it with `<time>{{name}}</time>`: as people say it ("yesterday 15:35"), and exactly,
    /// with the zone, on hover and for screen readers. Without the element it is `21 Nov 2026, 09:30`.
    case moment(Instant)
    /// A text of the catalogue in the reader's language, with its `{{name}}` places filled. Text that is not a key is
    /// shown as it is.
    case words(String, [String: String])

    /// ``moment(_:)``, or nothing.
    package static func time(_ instant: Instant?) -> Model { instant.map { .moment($0) } ?? .none }
    package static func key(_ key: String) -> Model { .words(key, [:]) }
}

extension Model: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(arrayLiteral elements: Model...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, Model)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
    package init(nilLiteral: ()) { self = .none }
}
