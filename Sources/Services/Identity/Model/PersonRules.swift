import Directory
import Foundation
import Values
import Web

/// The rules for names, e-mail addresses and roles. Each function returns the value as it is stored, or throws a
/// problem that names the field.
package enum PersonRules {
    /// Uses the rules of ``PersonName``.
    package static func name(_ text: String) throws -> String {
        do {
            return try PersonName.checked(text)
        } catch {
            throw switch error {
            case .empty: Problem.invalid("name", "identity.name-empty")
            case .long: Problem.invalid("name", "identity.name-long")
            case .hidden: Problem.invalid("name", "identity.name-hidden")
            }
        }
    }

    /// Uses the rules of ``MailAddress``; addresses are compared by ``MailAddress/key(_:)``.
    package static func email(_ text: String) throws -> String {
        do {
            return try MailAddress(text).text
        } catch {
            throw switch error {
            case .malformed: Problem.invalid("email", "identity.email")
            case .localBeyondASCII: Problem.invalid("email", "identity.email-local")
            }
        }
    }

    /// Each role is `[a-z][a-z0-9-]{0,30}`; at most twenty.
    package static func roles(_ roles: some Collection<String>) throws -> Set<String> {
        let set = Set(roles)
        guard set.count <= 20 else { throw Problem.invalid("roles", "identity.roles-many") }
        for role in set.sorted() {
            let bytes = Array(role.utf8)
            let fits =
                (1...31).contains(bytes.count) && (0x61...0x7A).contains(bytes[0])
                && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            guard fits else {
                throw Problem.invalid("roles", "identity.role", values: ["role": role.beginning(40)])
            }
        }
        return set
    }

    /// The name of a program's token.
    static func tokenName(_ text: String) throws -> String {
        guard let name = try? PersonName.checked(text) else { throw Problem.invalid("name", "identity.token-name") }
        return name
    }

    /// The name of a passkey: the device that it is on.
    static func passkeyName(_ text: String) throws -> String {
        guard let name = try? PersonName.checked(text), name.unicodeScalars.count <= Passkey.longestName else {
            throw Problem.invalid("name", "identity.passkey-name")
        }
        return name
    }

    /// The folded words by which a person is found, including the address as it is stored and as people read it.
    static func words(name: String, email: String) -> [String] {
        let shown = MailAddress.shown(email)
        let words = FoldedText.words("\(name) \(email) \(shown)")
        return Set(words + (email.isEmpty ? [] : [address(MailAddress.key(email)), address(shown)])).sorted()
    }

    /// An address, or the beginning of one, as searches compare it.
    static func address(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.lowercased().beginning(100)
    }
}
