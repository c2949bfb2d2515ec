import Foundation
import Values
import Web

/// The templates of the Mailer's pages, and the texts of pages and letters.
enum MailerTexts {
    static let pages = PageSet(
        templates: [
            "mailer/letters": text(PackageResources.letters_mustache),
            "mailer/letter": text(PackageResources.letter_mustache),
            "mailer/hold": text(PackageResources.hold_mustache),
            "mailer/banner": text(PackageResources.banner_mustache),
            "mailer/state": text(PackageResources.state_mustache),
            "mailer/day": text(PackageResources.day_mustache),
        ],
        texts: texts)

    private static let texts: [Language: [String: String]] = [
        .english: catalogue(PackageResources.en_json), .russian: catalogue(PackageResources.ru_json),
    ]

    /// A text with its places filled, for what a template cannot say by itself.
    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        let text = texts[language]?[key] ?? key
        // Once through: what a value holds is never taken for a place.
        var result = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            result += rest[..<open.lowerBound] + (values[String(rest[open.upperBound..<close.lowerBound])] ?? "")
            rest = rest[close.upperBound...]
        }
        return result + rest
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// A file that cannot be read gives no texts; the renderer then says at the start which are missing.
    private static func catalogue(_ bytes: [UInt8]) -> [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
    }
}
