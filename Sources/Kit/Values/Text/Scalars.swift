/// Text as Unicode scalars: typed text is checked and split in this form.
package enum Scalars {
    /// The scalars without white space at both ends.
    package static func trimmed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return first == 0 && last == scalars.count - 1 ? scalars : Array(scalars[first...last])
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x9...0xD: true
        case 0...0x7F: false
        default: scalar.properties.isWhitespace
        }
    }

    /// Goes through UTF-8, which is how a string is stored: appending scalars costs ten times as much, and an import
    /// does this for every line.
    package static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(scalars.count + 8)
        for scalar in scalars {
            if scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Splits typed text by scalars. A `Character` may be a delimiter with a mark on it (`"` and U+0301 are one). Code that
/// looks for the delimiter's `Character` would miss it, but a later reader of the bytes would not.
extension StringProtocol {
    /// The pieces between the separators, including empty ones. The last piece, after `most` pieces, holds the rest.
    package func parts(at separator: Unicode.Scalar, most: Int = .max) -> [String] {
        unicodeScalars.split(
            separator: separator, maxSplits: most == .max ? .max : most - 1, omittingEmptySubsequences: false
        ).map { String(String.UnicodeScalarView($0)) }
    }

    /// The words between white space and line ends; none is empty.
    package func words() -> [String] {
        unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { String(String.UnicodeScalarView($0)) }
    }

    /// Whether the text contains the scalar, whatever follows it.
    package func has(_ scalar: Unicode.Scalar) -> Bool {
        unicodeScalars.contains(scalar)
    }

    /// The text with each such scalar replaced by `text`.
    package func replacing(_ scalar: Unicode.Scalar, by text: String) -> String {
        guard has(scalar) else { return String(self) }
        var result = String.UnicodeScalarView()
        for each in unicodeScalars {
            if each == scalar { result.append(contentsOf: text.unicodeScalars) } else { result.append(each) }
        }
        return String(result)
    }

    /// Whether the text begins with these bytes.
    package func begins(with text: String) -> Bool {
        utf8.starts(with: text.utf8)
    }

    /// The text without white space at both ends.
    package func trimmed() -> String {
        Scalars.string(Scalars.trimmed(Array(unicodeScalars))[...])
    }

    /// The part before the first such scalar, or the whole text if there is none.
    package func before(_ scalar: Unicode.Scalar) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix { $0 != scalar }))
    }

    /// The text without the scalars for which `fits` is true.
    package func without(_ fits: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars where !fits(scalar) { result.append(scalar) }
        return String(result)
    }

    /// The first `count` scalars.
    package func beginning(_ count: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
    }

    /// A pattern for SQL's `LIKE … ESCAPE '!'` that finds exactly this text, anywhere.
    package var likePattern: String {
        "%" + replacing("!", by: "!!").replacing("%", by: "!%").replacing("_", by: "!_") + "%"
    }
}

extension String {
    /// As many scalars from the beginning as fit into `count` bytes of UTF-8.
    package func beginning(bytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(startIndex, offsetBy: count)
        while end > startIndex, UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end])
    }
}
