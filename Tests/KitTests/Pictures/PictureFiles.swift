import Values

/// Small files: put together by hand after the formats' texts, or made by other programs.
enum PictureFiles {
    /// What must not be left of a file.
    static let secret = text("55.7558 N, Emma's phone")

    /// EXIF as phones write it: the maker, the orientation, and where the place stands.
    static func exif(_ orientation: UInt8, bigEndian: Bool = true) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] { PictureFiles.number(value, count, bigEndian: bigEndian) }
        func entry(_ tag: Int, _ kind: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            number(tag, 2) + number(kind, 2) + number(count, 4) + value
        }
        let parts: [[UInt8]] = [
            bigEndian ? [0x4D, 0x4D] : [0x49, 0x49], number(42, 2), number(8, 4), number(3, 2),
            entry(0x010F, 2, secret.count, number(50, 4)), entry(0x0112, 3, 1, number(Int(orientation), 2) + [0, 0]),
            entry(0x8825, 4, 1, number(50, 4)), number(0, 4), secret,
        ]
        return parts.flatMap(\.self)
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func number(_ value: Int, _ count: Int, bigEndian: Bool = true) -> [UInt8] {
        let little = (0..<count).map { UInt8((value >> ($0 * 8)) & 0xFF) }
        return bigEndian ? Array(little.reversed()) : little
    }

    // JPEG

    static func segment(_ code: UInt8, _ data: [UInt8]) -> [UInt8] {
        let start: [UInt8] = [0xFF, code]
        return start + number(data.count + 2, 2) + data
    }

    static func codeTable(_ id: UInt8) -> [UInt8] { segment(0xC4, [id, 1] + [UInt8](repeating: 0, count: 16)) }

    static let quantization = segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
    /// Three pixels by two, grey.
    static let frame = segment(0xC0, [8, 0, 2, 0, 3, 1, 1, 0x11, 0])
    /// One code for each table: nothing is there, and nothing follows.
    static let codes = codeTable(0) + codeTable(0x10)
    static let scanHeader = segment(0xDA, [1, 1, 0, 0, 63, 0])
    static let scan = scanHeader + [0x3F]
    static let picture = quantization + frame + codes + scan
    /// All that is left of EXIF.
    static let turned = segment(0xE1, exifSignature + minimal(6))
    static let exifSignature = text("Exif\0\0")
    static let jfif = segment(0xE0, text("JFIF\0") + [1, 1, 0, 0, 1, 0, 1, 0, 0])

    static func jpeg(_ parts: [UInt8]...) -> [UInt8] {
        let (start, end): ([UInt8], [UInt8]) = ([0xFF, 0xD8], [0xFF, 0xD9])
        return start + parts.flatMap(\.self) + end
    }

    /// The one EXIF block that is left.
    static func minimal(_ orientation: UInt8) -> [UInt8] {
        bytes("4d4d002a0000000800010112000300000001") + [0, orientation, 0, 0, 0, 0, 0, 0]
    }

    /// What phones and editors write into a JPEG: JFIF with a thumbnail of one pixel, EXIF, XMP, colours, further
    /// pictures, captions, a comment.
    static let additions: [[UInt8]] = [
        segment(0xE0, text("JFIF\0") + [1, 2, 1, 0, 72, 0, 72, 1, 1, 55, 75, 58]),
        segment(0xE1, exifSignature + exif(6)), segment(0xE1, text("http://ns.adobe.com/xap/1.0/\0") + secret),
        segment(0xE2, text("ICC_PROFILE\0\u{1}\u{1}") + secret), segment(0xE2, text("MPF\0") + secret),
        segment(0xED, text("Photoshop 3.0\0") + secret), segment(0xFE, secret),
    ]
    static let fullJPEG = jpeg(additions.flatMap(\.self), picture)

    // PNG

    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func chunk(_ name: String, _ data: [UInt8] = []) -> [UInt8] {
        let body = text(name) + data
        return number(data.count, 4) + body + number(checksum(body), 4)
    }

    /// CRC-32, bit by bit.
    static func checksum(_ bytes: [UInt8]) -> Int {
        var value = 0xFFFF_FFFF
        for byte in bytes {
            value ^= Int(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        }
        return value ^ 0xFFFF_FFFF
    }

    /// A PNG whose checksums are right, whatever was changed in it: so more of it is read.
    static func mended(_ file: [UInt8]) -> [UInt8] {
        var file = file
        var at = 8
        while at + 12 <= file.count {
            let length: Int = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= file.count - at - 12 else { break }
            let end = at + 8 + length
            file.replaceSubrange(end..<end + 4, with: number(checksum(Array(file[at + 4..<end])), 4))
            at = end + 4
        }
        return file
    }

    static func header(_ width: Int = 1, _ height: Int = 1, depth: UInt8 = 8, colours: UInt8 = 2) -> [UInt8] {
        let kind: [UInt8] = [depth, colours, 0, 0, 0]
        return chunk("IHDR", number(width, 4) + number(height, 4) + kind)
    }

    /// A red pixel, as zlib compresses it.
    static let red = bytes("789c63f8cfc0000003010100")
    static let end = chunk("IEND")

    static func png(_ parts: [UInt8]...) -> [UInt8] { pngSignature + parts.flatMap(\.self) }

    /// A red pixel, written with Python's zlib.
    static let smallPNG = bytes(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
            + "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082")
    /// 65 bytes that claim 16,384 pixels by 16,384.
    static let bomb = bytes(
        "89504e470d0a1a0a0000000d494844520000400000004000080200000026aa87d3"
            + "0000000849444154789c030000000001480689d20000000049454e44ae426082")
    static let fullPNG = png(
        header(), chunk("iCCP", secret), chunk("gAMA", [0, 0, 0xB1, 0x8F]), chunk("eXIf", exif(6)),
        chunk("tEXt", secret), chunk("acTL", secret), chunk("IDAT", red), chunk("fdAT", secret),
        chunk("tIME", secret), chunk("zTXt", secret), chunk("iTXt", secret), end)

    // WebP: by Google's encoder, for pages that ask browsers what they can show.

    static let lossy = bytes(
        "52494646240000005745425056503820180000003001009d012a0100010003003425a400037000fefb940000")
    static let lossless = bytes("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")
    static let alpha = bytes(
        "524946464a00000057454250565038580a00000010000000000000000000414c50480c00000011071011fd0f4444ff030000"
            + "56503820180000001401009d012a010001000000fe00000dc000fee6b5000000")
    static let animated = bytes(
        "524946465200000057454250565038580a00000012000000000000000000414e494d06000000ffffffff0000414e4d4626000000"
            + "000000000000000000000000640000005650384c0d0000002f00000010071011118888fe0700")

    static let lossyChunk = Array(lossy.dropFirst(12))
    static let losslessChunk = Array(lossless.dropFirst(12))
    static let alphaChunk = Array(alpha[30..<50])

    static func part(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let padding: [UInt8] = data.count % 2 == 1 ? [0] : []
        return text(name) + number(data.count, 4, bigEndian: false) + data + padding
    }

    static func canvas(_ flags: UInt8, _ width: Int = 1, _ height: Int = 1) -> [UInt8] {
        let sides = number(width - 1, 3, bigEndian: false) + number(height - 1, 3, bigEndian: false)
        return part("VP8X", [flags, 0, 0, 0] + sides)
    }

    static func webp(_ parts: [UInt8]...) -> [UInt8] {
        let body = text("WEBP") + parts.flatMap(\.self)
        return text("RIFF") + number(body.count, 4, bigEndian: false) + body
    }

    static let fullWebP = webp(
        canvas(0x3C), part("ICCP", secret), Array(alpha.dropFirst(30)), part("EXIF", exif(6)), part("XMP ", secret),
        part("abcd", secret))

    static let indexed = png(
        header(colours: 3), chunk("PLTE", [1, 2, 3, 4, 5, 6]), chunk("tRNS", [7]), chunk("IDAT", red), end)

    static let all = [
        jpeg(picture), fullJPEG, smallPNG, fullPNG, indexed, lossy, lossless, alpha, fullWebP,
        webp(canvas(0x08), losslessChunk, part("EXIF", exif(8))),
    ]

    static func bytes(_ hexadecimal: String) -> [UInt8] { Hexadecimal.bytes(hexadecimal)! }
}
