import Directory
import Foundation
import Values
import Web

/// The rules for a password: 10 to 200 characters, not one of the most common ones, and more than names that everybody
/// here knows.
package struct PasswordRules: Sendable {
    /// The company's name.
    private let company: String
    private let isGuessed: @Sendable (String) -> Bool

    package static let shortest = 10
    package static let longest = 200
    /// How many letters and digits must remain without the names.
    private static let own = 6

    package init(company: String, isGuessed: @escaping @Sendable (String) -> Bool) {
        self.company = company
        self.isGuessed = isGuessed
    }

    /// - Throws: a 422 problem that names the field.
    package func checked(_ text: String, of person: Person, field: String = "password") throws -> String {
        let count = text.unicodeScalars.count
        guard count >= PasswordRules.shortest else { throw Problem.invalid(field, "identity.password-short") }
        guard count <= PasswordRules.longest else { throw Problem.invalid(field, "identity.password-long") }
        guard MailAddress.key(text) != MailAddress.key(person.email), isMoreThanNames(text, person) else {
            throw Problem.invalid(field, "identity.password-own")
        }
        guard !isGuessed(text) else { throw Problem.invalid(field, "identity.password-guessable") }
        return text
    }

    private func isMoreThanNames(_ text: String, _ person: Person) -> Bool {
        let names = FoldedText.words("popug \(company) \(person.name) \(MailAddress.shown(person.email))")
        var rest = FoldedText.text(text)
        // The longest name first, so that a shorter one does not split a longer one.
        for name in names.sorted(by: { $0.utf8.count > $1.utf8.count }) where name.unicodeScalars.count > 2 {
            rest = rest.replacingOccurrences(of: name, with: " ")
        }
        return rest.unicodeScalars.count { $0.properties.isAlphabetic || $0.properties.numericType != nil }
            >= PasswordRules.own
    }
}
