import Foundation

/// A name and an address, as a letter's header and an SMTP envelope take them.
package struct Mailbox: Sendable, Hashable {
    package let name: String
    package let address: String

    /// `nil` where the address is not one that can stand in a header and in an envelope as it is: something before and
    /// something after one `@`, without white space, control characters, brackets, quotation marks, commas or colons.
    package init?(name: String = "", address: String) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard (3...254).contains(address.utf8.count), parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            !address.hasPrefix("-"),
            address.unicodeScalars.allSatisfy({ scalar in
                !scalar.properties.isWhitespace && !Mailbox.isControl(scalar)
                    && !"<>()[]\\,;:\"".unicodeScalars.contains(scalar)
            })
        else { return nil }
        self.name = name
        self.address = address
    }

    /// Reads `Popug <popug@example.com>` or `popug@example.com`.
    package init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(address: text)
            return
        }
        let name = text[..<open].trimmingCharacters(in: .whitespaces)
        self.init(
            name: name.hasPrefix("\"") && name.hasSuffix("\"") && name.count > 1
                ? String(name.dropFirst().dropLast()) : name,
            address: String(text[text.index(after: open)...].dropLast()))
    }

    /// `Popug <popug@example.com>`, for people to read.
    package var description: String { name.isEmpty ? address : "\(name) <\(address)>" }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
