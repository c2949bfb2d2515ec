import Foundation

/// An e-mail address as mail servers everywhere take it (RFC 5321): ASCII alone. A domain with other letters is kept and
/// compared in the form that mail and browsers send (A-labels, `xn--…`), and shown as it is read.
package struct MailAddress: Hashable, Sendable {
    package enum Fault: Error, Sendable {
        case malformed
        /// Letters beyond ASCII before the `@`, which many mail servers do not take.
        case localBeyondASCII
    }

    /// What stands before the `@`, as it was typed.
    package let local: String
    /// Of A-labels, in lower case.
    package let domain: String

    package static let longest = 254
    private static let longestLocal = 64
    private static let longestLabel = 63

    /// White space around it falls away.
    /// - Throws: ``Fault``.
    package init(_ text: String) throws(Fault) {
        let scalars = Scalars.trimmed(Array(text.unicodeScalars))
        guard scalars.count <= MailAddress.longest, let at = scalars.firstIndex(of: "@") else { throw .malformed }
        guard let domain = MailAddress.domain(Scalars.string(scalars[(at + 1)...])) else { throw .malformed }
        let local = scalars[..<at]
        guard !local.isEmpty, local.count <= MailAddress.longestLocal, local.first != ".", local.last != ".",
            // A program that is handed an address would take it for an option.
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

    /// As it is kept and sent.
    package var text: String { "\(local)@\(domain)" }

    /// As people read it.
    package var shown: String { "\(local)@\(MailAddress.decoded(domain) ?? domain)" }

    /// A text that is kept as an address, as people read it; what is none stays as it is.
    package static func shown(_ text: String) -> String {
        // Nearly every address: nothing in it is read in another way.
        if text.isEmpty || isASCII(text) && Array(text.utf8).place(of: Array("xn--".utf8)) == nil { return text }
        return (try? MailAddress(text))?.shown ?? text
    }

    /// What is compared: two texts are one address where their keys are equal, in whatever case, normal form and form of
    /// the domain they were typed. A text that is no address has a key too.
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

    /// A domain as A-labels in lower case; `nil` where it is none, or an IP address. What is ASCII in it must be as it stands, so that
    /// nothing that means something in an address (`%`, `/`, `:`) comes to Foundation, whose rules are Unicode's (UTS 46).
    package static func domain(_ text: String) -> String? {
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ !$0.isASCII || isHost($0) }) else { return nil }
        let lower = isASCII(text) ? text.lowercased() : unicode(text, \.encodedHost)?.lowercased()
        guard let domain = lower, isDomain(domain) else { return nil }
        guard Array(domain.utf8).place(of: Array("xn--".utf8)) != nil else { return domain }
        // An A-label stands for what it is made of, or for nothing.
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
            // A number at the end is an IP address's, which mail takes in brackets only.
            && labels.last?.contains { !(0x30...0x39).contains($0) } == true
    }
}
