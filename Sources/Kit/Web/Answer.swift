import Values

/// What an endpoint answers.
package struct Answer: Sendable {
    package enum Content: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// A template of the service's, filled and put in the layout. `title` is a catalogue key or plain text.
        case page(template: String, title: String, model: Model)
        /// A template filled without the layout.
        case fragment(template: String, model: Model)
    }

    package var status: Int
    package var content: Content
    package var headers: [(name: String, value: String)] = []
    /// Cookies to set; see ``Cookie``.
    package var cookies: [Cookie] = []
    /// What was wrong with the form that this shows again; the runner sets it.
    var problem: Problem?
    /// What the next page says once.
    var said: Said?

    package init(status: Int, content: Content = .none) {
        self.status = status
        self.content = content
    }

    package static let nothing = Answer(status: 204)

    /// 303: where a form leads when it is done.
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

    /// A mark that the entrance, or the gateway, replaces by the answer of the fragment endpoint at `path`, asked for on
    /// behalf of the same caller. Where that service is away, a line that says so stands in its place. Put it in a
    /// template with three braces.
    package static func include(_ path: String) -> Model {
        .text(IncludingPage.mark(path))
    }
}

/// A cookie to set or clear. Always HttpOnly, SameSite=Lax, Path=/, and Secure when the public address is https; its name
/// then has the prefix `__Host-`.
package struct Cookie: Sendable {
    package let name: String
    package let value: String
    /// Seconds it is kept; 0 clears it.
    package let maxAge: Int

    package init(name: String, value: String, maxAge: Int) {
        self.name = name
        self.value = value
        self.maxAge = maxAge
    }
}

/// What a template is filled with.
package indirect enum Model: Sendable {
    case none
    case text(String)
    case flag(Bool)
    case list([Model])
    case object([String: Model])
    /// A moment, which a template shows by `<time>{{name}}</time>`: as people say it ("yesterday 15:35"), exactly with
    /// the zone on hover and to those who hear the page. Without the element it is `21 Nov 2026, 09:30`.
    case moment(Instant)
    /// A text of the catalogue in the reader's language, with its `{{name}}` places filled; what is no key is shown as it
    /// is.
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
