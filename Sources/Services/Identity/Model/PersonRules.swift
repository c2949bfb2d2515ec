import Directory
import Foundation
import Values
import Web

/// What a name, an e-mail address, a role and a password may be. Each gives the value as it is stored, or throws a
/// problem that names the field.
package enum PersonRules {
    /// 1 to 100 characters without control characters and marks that turn the direction of text.
    package static func name(_ text: String) throws -> String {
        let name = text.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty else { throw Problem.invalid("name", "identity.name-empty") }
        guard name.unicodeScalars.count <= 100 else { throw Problem.invalid("name", "identity.name-long") }
        guard !name.unicodeScalars.contains(where: isHidden) else {
            throw Problem.invalid("name", "identity.name-hidden")
        }
        return name
    }

    /// Trimmed, as it was typed otherwise; ``emailKey(_:)`` is what is compared.
    package static func email(_ text: String) throws -> String {
        let email = text.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        let problem = Problem.invalid("email", "identity.email")
        guard (3...254).contains(email.utf8.count) else { throw problem }
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), !parts[1].isEmpty,
            !email.unicodeScalars.contains(where: { isHidden($0) || $0.properties.isWhitespace }),
            !email.contains(where: { "<>()[]\\,;:\"".contains($0) })
        else { throw problem }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard
            labels.allSatisfy({ label in
                !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            })
        else { throw problem }
        return email
    }

    /// Two addresses are one person's when their keys are equal.
    package static func emailKey(_ email: String) -> String {
        email.precomposedStringWithCompatibilityMapping.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }

    /// `[a-z][a-z0-9-]{0,30}` each, at most twenty.
    package static func roles(_ roles: some Collection<String>) throws -> Set<String> {
        let set = Set(roles)
        guard set.count <= 20 else { throw Problem.invalid("roles", "identity.roles-many") }
        for role in set.sorted() {
            let bytes = Array(role.utf8)
            let fits =
                (1...31).contains(bytes.count) && (0x61...0x7A).contains(bytes[0])
                && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            guard fits else {
                throw Problem.invalid("roles", "identity.role", values: ["role": String(role.prefix(40))])
            }
        }
        return set
    }

    /// 10 to 200 characters, and not the person's own name or address.
    package static func password(_ text: String, of person: Person, field: String = "password") throws -> String {
        let count = text.unicodeScalars.count
        guard count >= 10 else { throw Problem.invalid(field, "identity.password-short") }
        guard count <= longestPassword else { throw Problem.invalid(field, "identity.password-long") }
        let lower = text.lowercased()
        guard lower != person.email.lowercased(), lower != person.name.lowercased() else {
            throw Problem.invalid(field, "identity.password-own")
        }
        return text
    }

    package static let longestPassword = 200

    /// What a token for a program is called.
    static func tokenName(_ text: String) throws -> String {
        let name = text.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...100).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: isHidden) else {
            throw Problem.invalid("name", "identity.token-name")
        }
        return name
    }

    /// The words by which a person is found, in lower case.
    static func words(name: String, email: String) -> [String] {
        let parts = (name + " " + email).lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber })
        return Array(
            Set(parts.map { String($0.prefix(40)) } + (email.isEmpty ? [] : [String(emailKey(email).prefix(100))]))
        )
        .sorted()
    }

    /// Control characters, separators of lines, and marks that change the direction of what follows.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        default: scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .surrogate
        }
    }
}
