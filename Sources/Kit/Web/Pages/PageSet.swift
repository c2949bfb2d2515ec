import Foundation

/// A service's templates and texts.
///
/// Templates are Mustache (HTML-escaping by default) and have names. `[[key]]` in a template is replaced by the
/// catalogue's text in the reader's language, which may itself contain `{{name}}` places. Every page is put in the
/// kit's layout. Texts are flat: key to text, with the same keys in every language. A missing text is found when the
/// server starts.
package struct PageSet: Sendable {
    package let templates: [String: String]
    package let texts: [Language: [String: String]]

    package init(templates: [String: String], texts: [Language: [String: String]]) {
        self.templates = templates
        self.texts = texts
    }

    /// A set of files: templates, and a JSON object of texts for each language. If a file cannot be read, it gives no
    /// texts, and the renderer reports at the start which are missing.
    package init(templates: [String: [UInt8]], english: [UInt8], russian: [UInt8]) {
        func catalogue(_ bytes: [UInt8]) -> [String: String] {
            (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
        }
        self.init(
            templates: templates.mapValues { String(decoding: $0, as: UTF8.self) },
            texts: [.english: catalogue(english), .russian: catalogue(russian)])
    }

    /// A text with its `{{name}}` places filled, for cases that a template cannot handle. Returns the key itself if
    /// there is no such text.
    package func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        Catalogue.fill(texts[language]?[key] ?? key, values)
    }

    package static let none = PageSet(templates: [:], texts: [:])
}
