import Mustache
import Values

/// A ``Model`` for Mustache. Values are looked up when a template names them, never copied beforehand.
///
/// In a section, an empty text and a missing value are false. They also hide a value of the same name further out.
struct PageModel: MustacheParent {
    let values: [String: Model]
    /// Looked up after `values`: the layout's own names, behind the page's.
    let outer: [String: Model]
    let reader: PageReader

    init(_ values: [String: Model], outer: [String: Model] = [:], for reader: PageReader) {
        self.values = values
        self.outer = outer
        self.reader = reader
    }

    func child(named name: String) -> Any? {
        (values[name] ?? outer[name]).map(leaf)
    }

    private func leaf(_ model: Model) -> Any {
        switch model {
        case .none: Nothing()
        case .text(let text): text.isEmpty ? Nothing() : text
        case .flag(let flag): flag
        case .list(let models): models.map(leaf)
        case .object(let values): PageModel(values, for: reader)
        case .moment(let instant): Moment(instant: instant, reader: reader)
        case .words(let key, let values): reader.text(key, values)
        }
    }

    /// The value behind `<time>{{name}}</time>`.
    private struct Moment: MustacheParent, MustacheCustomRenderable {
        let instant: Instant
        let reader: PageReader

        func child(named name: String) -> Any? {
            name == "element" ? reader.format.element(instant, today: reader.today) : nil
        }

        var renderText: String { reader.format.time(instant) }
        var isNull: Bool { false }
    }

    private struct Nothing: MustacheCustomRenderable {
        var renderText: String { "" }
        var isNull: Bool { true }
    }
}

/// The reader of a page, and the time.
final class PageReader: Sendable {
    let format: Format
    let today: Day
    private let texts: [String: String]

    init(format: Format, now: Instant, texts: [String: String]) {
        self.format = format
        today = format.company.calendar.wall(now).day
        self.texts = texts
    }

    func text(_ key: String, _ values: [String: String]) -> String {
        texts[key].map { Catalogue.fill($0, values) } ?? key
    }
}

/// HTML for all our templates, escaped by ``Markup/escape(_:)``.
struct EscapedMarkup: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escape(text) }

    /// Makes a template use this type; it is put before the template's text.
    static let pragma = "{{% CONTENT_TYPE:POPUG}}"
    /// Registers the name with Mustache, once per process.
    static let registered: Void = MustacheContentTypes.register(EscapedMarkup(), named: "POPUG")
}
