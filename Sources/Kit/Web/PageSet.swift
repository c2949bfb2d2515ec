import Foundation
import Values

/// A service's templates and texts.
///
/// Templates are Mustache (HTML-escaping by default), named; `[[key]]` in one stands for the catalogue's text in the
/// reader's language, which may itself contain `{{name}}` places. Every page is put in the kit's layout. Texts are
/// flat: key to text, the same keys in every language; a missing one is found when the server starts.
package struct PageSet: Sendable {
    package let templates: [String: String]
    package let texts: [Language: [String: String]]

    package init(templates: [String: String], texts: [Language: [String: String]]) {
        self.templates = templates
        self.texts = texts
    }

    /// A set of files: templates, and a JSON object of texts for each language. One that cannot be read gives no texts,
    /// and the renderer says at the start which are missing.
    package init(templates: [String: [UInt8]], english: [UInt8], russian: [UInt8]) {
        func catalogue(_ bytes: [UInt8]) -> [String: String] {
            (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
        }
        self.init(
            templates: templates.mapValues { String(decoding: $0, as: UTF8.self) },
            texts: [.english: catalogue(english), .russian: catalogue(russian)])
    }

    /// A text with its `{{name}}` places filled, for what a template cannot say by itself; the key itself where there
    /// is no such text.
    package func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        Catalogue.fill(texts[language]?[key] ?? key, values)
    }

    /// What a page says of a problem of this set's: its title and, where there is more to say, what to do.
    package func text(_ problem: Problem, _ language: Language) -> String {
        Catalogue.fill(
            Catalogue.words(of: problem.key, in: texts[language] ?? [:]) ?? "problem." + problem.key, problem.values)
    }

    package static let none = PageSet(templates: [:], texts: [:])
}

/// A link in the navigation.
package struct NavigationItem: Sendable {
    /// Catalogue key.
    package let title: String
    package let path: String
    package let access: Endpoint.Access
    /// Items are sorted by it, over all services: 100 to 199 work, 200 to 299 money, 300 to 399 administration.
    package let order: Int
    /// The path of the fragment that says how much waits there, see ``Endpoint/count(_:access:about:as:topics:run:)``.
    package let count: String?

    package init(title: String, path: String, access: Endpoint.Access, order: Int, count: String? = nil) {
        self.title = title
        self.path = path
        self.access = access
        self.order = order
        self.count = count
    }
}
