import Mustache

/// A ``Model`` as Mustache asks for it. Values are looked up when a template names them, never copied beforehand.
///
/// An empty text and a missing value are false to a section, and hide a value of the same name further out.
struct PageModel: MustacheParent {
    let values: [String: Model]
    /// Looked up after `values`: the layout's own names, behind a page's.
    let outer: [String: Model]

    init(_ values: [String: Model], outer: [String: Model] = [:]) {
        self.values = values
        self.outer = outer
    }

    func child(named name: String) -> Any? {
        (values[name] ?? outer[name]).map(Self.leaf)
    }

    static func leaf(_ model: Model) -> Any {
        switch model {
        case .none: Nothing()
        case .text(let text): text.isEmpty ? Nothing() : text
        case .flag(let flag): flag
        case .list(let models): models.map(leaf)
        case .object(let values): PageModel(values)
        }
    }

    private struct Nothing: MustacheCustomRenderable {
        var renderText: String { "" }
        var isNull: Bool { true }
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
