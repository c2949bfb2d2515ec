/// Text in a form that any mail server accepts (RFC 2045, 6.7): plain ASCII, lines of at most 76 characters that end
/// with CR and LF.
enum QuotedPrintable {
    static let longestLine = 76

    static func encode(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + text.utf8.count / 8 + 16)
        var column = 0
        let bytes = lines(text)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A {
                out += [0x0D, 0x0A]
                column = 0
                continue
            }
            let endsLine = index + 1 == bytes.count || bytes[index + 1] == 0x0A
            let isPlain = (0x21...0x7E).contains(byte) && byte != 0x3D || (byte == 0x20 || byte == 0x09) && !endsLine
            let width = isPlain ? 1 : 3
            // One column is reserved for the mark of a soft line break, except at the real end of a line.
            if column + width > longestLine - (endsLine ? 0 : 1) {
                out += [0x3D, 0x0D, 0x0A]
                column = 0
            }
            if isPlain { out.append(byte) } else { out += [0x3D, digit(byte >> 4), digit(byte & 15)] }
            column += width
        }
        return out
    }

    /// The bytes with every kind of line end replaced by LF.
    private static func lines(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.contains(0x0D) else { return bytes }
        var lines: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
            lines.append(byte == 0x0D ? 0x0A : byte)
        }
        return lines
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }
}
