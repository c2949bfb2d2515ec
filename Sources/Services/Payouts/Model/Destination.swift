import Schemas
import Values

/// Where a person's money goes: a card or a bank account. It exists only in memory; ``Vault`` encrypts it for storage.
package struct Destination: Sendable, Hashable {
    package enum Kind: String, CaseIterable, JSONWord {
        case card
        /// An IBAN.
        case account
    }

    package let kind: Kind
    /// Digits of a card, or letters and digits of an IBAN; no spaces.
    package let number: String

    /// The last four characters; nothing else is ever shown again.
    package var tail: String { String(number.suffix(4)) }

    /// Reads a number as people type it: spaces, dashes and case do not matter. `nil` if it is neither a card number
    /// (12 to 19 digits with the right check digit) nor an IBAN (with the right check digits).
    package init?(typed text: String) {
        guard text.utf8.count <= 100 else { return nil }
        let number = text.uppercased().without {
            $0.properties.isWhitespace || $0 == "-" || $0 == "\u{2011}" || $0 == "\u{2013}"
        }
        let characters = Array(number.utf8)
        if characters.allSatisfy(Destination.isDigit) {
            guard (12...19).contains(characters.count), Destination.isCard(characters) else { return nil }
            kind = .card
        } else {
            guard (15...34).contains(characters.count), Destination.isAccount(characters) else { return nil }
            kind = .account
        }
        self.number = number
    }

    /// For a number that was checked and stored before.
    init(kind: Kind, number: String) {
        self.kind = kind
        self.number = number
    }

    /// The number as it is shown.
    package static func masked(_ tail: String) -> String { "•••• " + tail }

    private static func isDigit(_ character: UInt8) -> Bool { (0x30...0x39).contains(character) }
    private static func isLetter(_ character: UInt8) -> Bool { (0x41...0x5A).contains(character) }

    /// ISO/IEC 7812: every second digit from the right doubled, the sum of all digits divisible by ten.
    private static func isCard(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = Int(digit - 0x30)
            let counted = place % 2 == 1 ? value * 2 : value
            sum += counted > 9 ? counted - 9 : counted
        }
        return sum % 10 == 0 && digits.contains { $0 != 0x30 }
    }

    /// ISO 13616: country, check digits, account. With the first four characters moved to the end, the number modulo 97
    /// is 1.
    private static func isAccount(_ characters: [UInt8]) -> Bool {
        guard isLetter(characters[0]), isLetter(characters[1]), isDigit(characters[2]), isDigit(characters[3]) else {
            return false
        }
        var rest = 0
        for character in characters.dropFirst(4) + characters.prefix(4) {
            if isDigit(character) {
                rest = (rest * 10 + Int(character - 0x30)) % 97
            } else if isLetter(character) {
                rest = (rest * 100 + Int(character - 0x41) + 10) % 97
            } else {
                return false
            }
        }
        return rest == 1
    }
}
