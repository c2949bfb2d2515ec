/// Parses a WebP (RFC 9649), and keeps of it the picture and its transparency. One that needs no more is written in the
/// simple form.
struct WebPParser {
    /// A part of the file (§2.3), without the byte that fills it up to an even length.
    private struct Chunk {
        let name: String
        let data: ArraySlice<UInt8>
    }

    /// The chunk that has the pixels.
    private struct Pixels {
        let chunk: Chunk
        let size: PictureSize
        let hasAlpha: Bool
    }

    private let limits: PictureLimits
    private var file: ByteReader
    private var pixels: Pixels?
    /// The content of `ALPH`.
    private var alpha: ArraySlice<UInt8>?
    /// Whether `VP8X` says that there is EXIF. Otherwise browsers do not look for it, so its orientation is not shown.
    private var hasEXIF = false
    private var orientation: Orientation?

    init(_ file: [UInt8], limits: PictureLimits) {
        self.limits = limits
        self.file = ByteReader(file[...], order: .little, short: .cut)
    }

    mutating func picture() throws(PictureError) -> Picture {
        _ = try file.take(4)
        let length = try file.number(4)
        guard length >= 4, length % 2 == 0 else { throw .malformed("RIFF") }
        var reader = ByteReader(try file.take(length).dropFirst(4), order: .little, short: .malformed("RIFF"))
        let first = try Self.chunk(&reader)
        let canvas = try first.name == "VP8X" ? readCanvas(first.data) : nil
        if canvas == nil {
            try read(first, isExtended: false)
            guard self.pixels != nil else { throw .order("VP8") }
        }
        while !reader.isEmpty {
            let next = try Self.chunk(&reader)
            try read(next, isExtended: canvas != nil)
        }
        guard let pixels else { throw .order("VP8") }
        guard canvas == nil || canvas == pixels.size else { throw .malformed("VP8X") }
        try limits.check(pixels.size)
        let orientation = orientation ?? .up
        return Picture(
            format: .webp, size: pixels.size, orientation: orientation, bytes: written(pixels, orientation))
    }

    private static func chunk(_ reader: inout ByteReader) throws(PictureError) -> Chunk {
        let name = String(decoding: try reader.take(4), as: UTF8.self)
        let length = try reader.number(4)
        let data = try reader.take(length)
        _ = try reader.take(length % 2)
        return Chunk(name: name, data: data)
    }

    /// `VP8X` (§2.7): the sides of the canvas, which a picture that does not move fills.
    private mutating func readCanvas(_ data: ArraySlice<UInt8>) throws(PictureError) -> PictureSize {
        var reader = ByteReader(data, order: .little, short: .malformed("VP8X"))
        let flags = try reader.number(1)
        guard flags & 0x02 == 0 else { throw .unsupported("ANIM") }
        hasEXIF = flags & 0x08 != 0
        _ = try reader.take(3)
        let (width, height) = (try reader.number(3) + 1, try reader.number(3) + 1)
        guard reader.isEmpty else { throw .malformed("VP8X") }
        return PictureSize(width: width, height: height)
    }

    private mutating func read(_ chunk: Chunk, isExtended: Bool) throws(PictureError) {
        switch chunk.name {
        case "VP8 ", "VP8L":
            guard pixels == nil else { throw .order("VP8") }
            pixels = try chunk.name == "VP8L" ? Self.lossless(chunk) : Self.lossy(chunk)
        case "ALPH":
            guard isExtended, pixels == nil, alpha == nil else { throw .order("ALPH") }
            // How it is compressed (§2.7.1.2); something has to follow.
            guard let first = chunk.data.first, first & 3 <= 1, chunk.data.count > 1 else { throw .malformed("ALPH") }
            alpha = chunk.data
        case "EXIF":
            if hasEXIF { orientation = orientation ?? Orientation(exif: chunk.data) }
        case "ANIM", "ANMF": throw .unsupported("ANIM")
        case "VP8X": throw .order("VP8X")
        default: break
        }
    }

    /// `VP8 `: the beginning of a key frame (RFC 6386, §9.1).
    private static func lossy(_ chunk: Chunk) throws(PictureError) -> Pixels {
        let fault = PictureError.malformed("VP8")
        var reader = ByteReader(chunk.data, order: .little, short: fault)
        let tag = try reader.number(3)
        let start = try reader.take(3)
        let (width, height) = (try reader.number(2) & 0x3FFF, try reader.number(2) & 0x3FFF)
        let (isKey, version, isShown, length) = (tag & 1 == 0, (tag >> 1) & 7, (tag >> 4) & 1 == 1, tag >> 5)
        guard isKey, version <= 3, isShown, start.elementsEqual([0x9D, 0x01, 0x2A]) else { throw fault }
        guard length > 0, length <= reader.rest.count else { throw fault }
        return Pixels(chunk: chunk, size: PictureSize(width: width, height: height), hasAlpha: false)
    }

    /// `VP8L` (RFC 9649, §3.4).
    private static func lossless(_ chunk: Chunk) throws(PictureError) -> Pixels {
        let fault = PictureError.malformed("VP8L")
        var reader = ByteReader(chunk.data, order: .little, short: fault)
        guard try reader.number(1) == 0x2F else { throw fault }
        let bits = try reader.number(4)
        guard bits >> 29 == 0, !reader.isEmpty else { throw fault }
        let size = PictureSize(width: (bits & 0x3FFF) + 1, height: ((bits >> 14) & 0x3FFF) + 1)
        return Pixels(chunk: chunk, size: size, hasAlpha: (bits >> 28) & 1 == 1)
    }

    /// The file without what is not needed.
    private func written(_ pixels: Pixels, _ orientation: Orientation) -> [UInt8] {
        // Lossless pixels have their transparency in them, and `ALPH` means nothing beside them.
        let alpha = pixels.chunk.name == "VP8L" ? nil : alpha
        let isTurned = orientation != .up
        var body = Array("WEBP".utf8)
        body.reserveCapacity(pixels.chunk.data.count + (alpha?.count ?? 0) + 100)
        if alpha != nil || isTurned {
            let hasAlpha = alpha != nil || pixels.hasAlpha
            let flags: UInt8 = (hasAlpha ? 0x10 : 0) | (isTurned ? 0x08 : 0)
            let sides = Self.little(pixels.size.width - 1, 3) + Self.little(pixels.size.height - 1, 3)
            Self.append("VP8X", [flags, 0, 0, 0] + sides, to: &body)
        }
        if let alpha { Self.append("ALPH", alpha, to: &body) }
        Self.append(pixels.chunk.name, pixels.chunk.data, to: &body)
        if isTurned { Self.append("EXIF", orientation.exif, to: &body) }
        return Array("RIFF".utf8) + Self.little(body.count, 4) + body
    }

    private static func append(_ name: String, _ data: some Collection<UInt8>, to body: inout [UInt8]) {
        body += Array(name.utf8)
        body += little(data.count, 4)
        body += data
        if data.count % 2 == 1 { body.append(0) }
    }

    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        ByteReader.bytes(number, count, order: .little)
    }
}
