import Mustache
import Values

/// A ``Model`` as Mustache asks for it. Values are looked up when a template names them, never copied beforehand.
///
/// An empty text and a missing value are false to a section, and hide a value of the same name further out.
struct PageModel: MustacheParent {
    let values: [String: Model]
    /// Looked up after `values`: the layout's own names, behind a page's.
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

    /// What `<time>{{name}}</time>` asks for.
    private struct Moment: MustacheParent, MustacheCustomRenderable {
        let instant: Instant
        let reader: PageReader

        func child(named name: String) -> Any? {
            switch name {
            case "machine": String(describing: instant)
            case "exact": reader.format.exact(instant)
            case "words": reader.format.moment(instant, now: reader.now)
            default: nil
            }
        }

        var renderText: String { reader.format.time(instant) }
        var isNull: Bool { false }
    }

    private struct Nothing: MustacheCustomRenderable {
        var renderText: String { "" }
        var isNull: Bool { true }
    }
}

/// For whom a page is written, and when.
final class PageReader: Sendable {
    let format: Format
    let now: Instant
    private let texts: [String: String]

    init(format: Format, now: Instant, texts: [String: String]) {
        self.format = format
        self.now = now
        self.texts = texts
    }

    func text(_ key: String, _ values: [String: String]) -> String {
        texts[key].map { Catalogue.fill($0, values) } ?? key
    }
}

/// HTML as every template of ours is rendered: escaped by ``Markup/escape(_:)``.
struct EscapedMarkup: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escape(text) }

    /// Put before a template's text, makes it use this type.
    static let pragma = "{{% CONTENT_TYPE:POPUG}}"
    /// Makes the name known to Mustache; once for the process.
    static let registered: Void = MustacheContentTypes.register(EscapedMarkup(), named: "POPUG")
}
