import Values
import Web

/// The templates of the Mailer's pages, and the texts of pages and letters.
enum MailerTexts {
    static let pages = PageSet(
        templates: [
            "mailer/letters": PackageResources.letters_mustache,
            "mailer/letter": PackageResources.letter_mustache,
            "mailer/hold": PackageResources.hold_mustache,
            "mailer/banner": PackageResources.banner_mustache,
            "mailer/state": PackageResources.state_mustache,
            "mailer/day": PackageResources.day_mustache,
        ],
        english: PackageResources.en_json, russian: PackageResources.ru_json)

    static func text(_ key: String, _ language: Language, _ values: [String: String] = [:]) -> String {
        pages.text(key, language, values)
    }
}
