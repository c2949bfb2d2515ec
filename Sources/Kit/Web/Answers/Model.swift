import Values

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
