import Foundation

/// An e-mail address as all mail servers accept it (RFC 5321): ASCII only. A domain with other letters is stored and
/// compared in the form that mail and browsers send (A-labels, `xn--…`), and shown in its readable form.
package struct MailAddress: Hashable, Sendable {
    package enum Fault: Error, Sendable {
        case malformed
        /// Letters beyond ASCII before the `@`, which many mail servers do not accept.
        case localBeyondASCII
    }

    /// The part before the `@`, as it was typed.
    package let local: String
    /// A-labels in lower case.
    package let domain: String

    package static let longest = 254
    private static let longestLocal = 64
    private static let longestLabel = 63

    /// White space around the text is removed.
    /// - Throws: ``Fault``.
    package init(_ text: String) throws(Fault) {
        let scalars = Scalars.trimmed(Array(text.unicodeScalars))
        guard scalars.count <= MailAddress.longest, let at = scalars.firstIndex(of: "@") else { throw .malformed }
        guard let domain = MailAddress.domain(Scalars.string(scalars[(at + 1)...])) else { throw .malformed }
        let local = scalars[..<at]
        guard !local.isEmpty, local.count <= MailAddress.longestLocal, local.first != ".", local.last != ".",
            // A program that gets the address as an argument would take a leading `-` for an option.
            local.first != "-", !zip(local, local.dropFirst()).contains(where: { $0 == "." && $1 == "." })
        else { throw .malformed }
        let foreign = local.filter { !MailAddress.isLocal($0) }
        guard foreign.isEmpty else {
            throw foreign.allSatisfy { !$0.isASCII && TypedText.isVisible($0) || MailAddress.isMark($0) }
                ? .localBeyondASCII : .malformed
        }
        self.local = Scalars.string(local)
        self.domain = domain
        guard self.text.utf8.count <= MailAddress.longest else { throw .malformed }
    }

    /// As it is stored and sent.
    package var text: String { "\(local)@\(domain)" }

    /// As people read it.
    package var shown: String { "\(local)@\(MailAddress.decoded(domain) ?? domain)" }

    /// A stored address as people read it. A text that is not an address is returned unchanged.
    package static func shown(_ text: String) -> String {
        // Nearly every address: it has no other readable form.
        if text.isEmpty || isASCII(text) && Array(text.utf8).place(of: Array("xn--".utf8)) == nil { return text }
        return (try? MailAddress(text))?.shown ?? text
    }

    /// The key for comparisons. Two texts are the same address if their keys are equal, whatever case, normal form and
    /// form of the domain they were typed in. A text that is not an address has a key too.
    package static func key(_ text: String) -> String {
        let text = text.precomposedStringWithCompatibilityMapping.lowercased()
        let scalars = Scalars.trimmed(Array(text.unicodeScalars))
        guard let at = scalars.lastIndex(of: "@"), let domain = domain(Scalars.string(scalars[(at + 1)...])) else {
            return Scalars.string(scalars[...])
        }
        return Scalars.string(scalars[...at]) + domain
    }

    // MARK: Parts

    /// RFC 5322's `atext`, and the dot between atoms.
    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".": true
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: scalar == "\u{200C}" || scalar == "\u{200D}"
        }
    }

    private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    /// A domain as A-labels in lower case; `nil` if it is not a domain or is an IP address. Its ASCII characters must
    /// be valid in a domain as they are, so that no character with a meaning in an address (`%`, `/`, `:`) reaches
    /// Foundation, which follows Unicode's rules (UTS 46).
    package static func domain(_ text: String) -> String? {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ !$0.isASCII || isHost($0) }) else { return nil }
        let lower = isASCII(text) ? text.lowercased() : unicode(text, \.encodedHost)?.lowercased()
        guard let domain = lower, isDomain(domain) else { return nil }
        guard Array(domain.utf8).place(of: Array("xn--".utf8)) != nil else { return domain }
        // An A-label must be the encoding of its own decoded form.
        guard let read = decoded(domain), unicode(read, \.encodedHost) == domain else { return nil }
        return domain
    }

    private static func decoded(_ domain: String) -> String? {
        unicode(domain, \.host)
    }

    private static func unicode(_ host: String, _ form: KeyPath<URLComponents, String?>) -> String? {
        var components = URLComponents()
        components.host = host
        return components[keyPath: form]
    }

    private static func isHost(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".": true
        default: false
        }
    }

    private static func isDomain(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.unicodeScalars.allSatisfy(isHost)
            && labels.allSatisfy { label in
                (1...longestLabel).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.last != UInt8(ascii: "-")
            }
            // A number at the end is an IP address's; mail accepts an IP address only in brackets.
            && labels.last?.contains { !(0x30...0x39).contains($0) } == true
    }
}
