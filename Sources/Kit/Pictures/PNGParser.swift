/// Parses a PNG (Portable Network Graphics, third edition), and keeps of it `IHDR`, `PLTE` if the pixels are numbers
/// in it, `tRNS`, `IDAT` and `IEND`.
struct PNGParser {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// A part of the file (§5.3).
    private struct Chunk {
        let name: String
        let data: ArraySlice<UInt8>
        /// All of it: length, name, data and checksum.
        let whole: ArraySlice<UInt8>
    }

    /// The kinds of pixels (§11.2.1), by their number in the file.
    private enum Colours: Int {
        case grey = 0
        case rgb = 2
        case palette = 3
        case greyWithAlpha = 4
        case rgbWithAlpha = 6

        /// How many bits a sample, or a number of a colour, may have.
        var depths: [Int] {
            switch self {
            case .grey: [1, 2, 4, 8, 16]
            case .palette: [1, 2, 4, 8]
            case .rgb, .greyWithAlpha, .rgbWithAlpha: [8, 16]
            }
        }
    }

    /// Where in the file we are: all `IDAT` stand together (§5.6).
    private enum Place {
        case beforeData, inData, afterData
    }

    private let limits: PictureLimits
    private var reader: ByteReader
    /// What follows `IHDR`.
    private var kept: [UInt8] = []
    private var colours = Colours.grey
    private var depth = 0
    /// How many colours the palette has; 0 as long as there is none.
    private var palette = 0
    private var hasTransparency = false
    private var place = Place.beforeData
    private var hasPixels = false
    private var orientation: Orientation?

    init(_ file: [UInt8], limits: PictureLimits) {
        self.limits = limits
        reader = ByteReader(file[...], short: .cut)
        kept.reserveCapacity(file.count)
    }

    mutating func picture() throws(PictureError) -> Picture {
        _ = try reader.take(Self.signature.count)
        let first = try chunk()
        let size = try header(first)
        var isWhole = false
        while !isWhole {
            let next = try chunk()
            isWhole = try read(next)
        }
        let orientation = orientation ?? .up
        var bytes = Self.signature
        bytes += first.whole
        if orientation != .up { bytes += Self.chunk("eXIf", orientation.exif) }
        bytes += kept
        return Picture(format: .png, size: size, orientation: orientation, bytes: bytes)
    }

    private mutating func chunk() throws(PictureError) -> Chunk {
        var ahead = reader
        let length = try ahead.number(4)
        let name = try ahead.take(4)
        guard name.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else { throw .malformed("chunk") }
        let text = String(decoding: name, as: UTF8.self)
        guard length < 1 << 31 else { throw .malformed(text) }
        let data = try ahead.take(length)
        let sum = try ahead.number(4)
        let whole = try reader.take(length + 12)
        guard CRC32.sum(of: whole.dropFirst(4).dropLast(4)) == sum else { throw .checksum(text) }
        return Chunk(name: text, data: data, whole: whole)
    }

    /// `IHDR` (§11.2.1).
    private mutating func header(_ chunk: Chunk) throws(PictureError) -> PictureSize {
        guard chunk.name == "IHDR" else { throw .order("IHDR") }
        let fault = PictureError.malformed("IHDR")
        var data = ByteReader(chunk.data, short: fault)
        let size = PictureSize(width: try data.number(4), height: try data.number(4))
        depth = try data.number(1)
        guard let colours = Colours(rawValue: try data.number(1)), colours.depths.contains(depth) else { throw fault }
        self.colours = colours
        let (compression, filter, interlace) = (try data.number(1), try data.number(1), try data.number(1))
        guard compression == 0, filter == 0, interlace <= 1, data.isEmpty else { throw fault }
        guard size.width < 1 << 31, size.height < 1 << 31 else { throw fault }
        try limits.check(size)
        return size
    }

    /// Reads a chunk after the header, and says whether it was the last one.
    private mutating func read(_ chunk: Chunk) throws(PictureError) -> Bool {
        if place == .inData, chunk.name != "IDAT" { place = .afterData }
        switch chunk.name {
        case "PLTE": try readPalette(chunk)
        case "tRNS": try readTransparency(chunk)
        case "IDAT":
            guard place != .afterData, colours != .palette || palette > 0 else { throw .order("IDAT") }
            place = .inData
            if !chunk.data.isEmpty { hasPixels = true }
            kept += chunk.whole
        case "IEND":
            guard hasPixels else { throw .order("IDAT") }
            guard chunk.data.isEmpty else { throw .malformed("IEND") }
            kept += chunk.whole
            return true
        case "IHDR": throw .order("IHDR")
        case "eXIf": orientation = orientation ?? Orientation(exif: chunk.data)
        default:
            // A capital at the beginning: who does not know the chunk can't show the picture (§5.4).
            if let initial = chunk.name.utf8.first, initial & 0x20 == 0 { throw .unsupported(chunk.name) }
        }
        return false
    }

    /// `PLTE` (§11.2.2): beside full colours it is a hint for small screens.
    private mutating func readPalette(_ chunk: Chunk) throws(PictureError) {
        guard place == .beforeData, palette == 0, !hasTransparency else { throw .order("PLTE") }
        let count = chunk.data.count / 3
        guard chunk.data.count % 3 == 0, (1...256).contains(count) else { throw .malformed("PLTE") }
        palette = count
        switch colours {
        case .grey, .greyWithAlpha: throw .order("PLTE")
        case .rgb, .rgbWithAlpha: return
        case .palette:
            guard count <= 1 << depth else { throw .malformed("PLTE") }
            kept += chunk.whole
        }
    }

    /// `tRNS` (§11.3.1.1).
    private mutating func readTransparency(_ chunk: Chunk) throws(PictureError) {
        guard place == .beforeData, !hasTransparency else { throw .order("tRNS") }
        hasTransparency = true
        let isRight =
            switch colours {
            case .grey: chunk.data.count == 2
            case .rgb: chunk.data.count == 6
            case .palette: !chunk.data.isEmpty && chunk.data.count <= palette
            case .greyWithAlpha, .rgbWithAlpha: false
            }
        guard isRight else { throw .malformed("tRNS") }
        kept += chunk.whole
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return ByteReader.bytes(data.count, 4) + body + ByteReader.bytes(CRC32.sum(of: body[...]), 4)
    }
}

/// The checksum of PNG's chunks (§5.5 and annex D).
private enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        var value = UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : (value >> 1) ^ 0xEDB8_8320 }
        return value
    }

    static func sum(of bytes: ArraySlice<UInt8>) -> Int {
        let table = table
        var value = UInt32.max
        for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8) }
        return Int(~value)
    }
}
