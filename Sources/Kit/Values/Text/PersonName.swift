import Foundation

/// The rule for a person's name, wherever it comes from: a form, a program, a file of work.
package enum PersonName {
    package enum Fault: Error, Sendable {
        /// It contains nothing visible.
        case empty
        case long
        /// It contains a control character, or a mark that hides or reorders the text next to it.
        case hidden
    }

    /// The longest name, in scalars.
    package static let longest = 100

    /// The name as it is stored: in Unicode's composed form, without white space around it.
    /// - Throws: ``Fault``.
    package static func checked(_ text: String) throws(Fault) -> String {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let scalars = Scalars.trimmed(
            Array((isASCII ? text : text.precomposedStringWithCanonicalMapping).unicodeScalars))
        guard scalars.contains(where: TypedText.isVisible) else { throw .empty }
        guard scalars.count <= longest else { throw .long }
        // Stricter than for a title: an invisible character in a name makes two people look like one.
        guard !scalars.contains(where: TypedText.isHidden) else { throw .hidden }
        return Scalars.string(scalars[...])
    }
}
