/// Parses a JPEG (ITU-T T.81), and keeps of it the frame, the tables and the scans. Three things that programs add are
/// written anew: that it is JFIF (without density and thumbnail), how Adobe's programs have coded the colours (without
/// it they are shown wrong), and the orientation.
struct JPEGParser {
    /// The beginning of a file: SOI, and that a marker follows.
    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

    /// So many scans a picture may have. A dozen is usual; each makes a browser go over all pixels once more.
    private static let mostScans = 100

    private static let jfif: [UInt8] = Array("JFIF".utf8) + [0]
    private static let adobe: [UInt8] = Array("Adobe".utf8)

    private let limits: PictureLimits
    private var reader: ByteReader
    /// What stands between the parts that are written anew and EOI.
    private var kept: [UInt8] = []
    private var size: PictureSize?
    /// The ids of the frame's components: of grey, of colours.
    private var components: [Int] = []
    private var scans = 0
    private var isJFIF = false
    private var orientation: Orientation?
    /// How Adobe's programs have coded the colours (T.872, §6.5.3).
    private var transform: UInt8?

    init(_ file: [UInt8], limits: PictureLimits) {
        self.limits = limits
        reader = ByteReader(file[...], short: .cut)
        kept.reserveCapacity(file.count)
    }

    mutating func picture() throws(PictureError) -> Picture {
        _ = try reader.take(2)
        var code = try marker()
        while code != 0xD9 {
            try readSegment(code)
            code = try marker()
        }
        guard let size else { throw .order("SOF") }
        guard scans > 0 else { throw .order("SOS") }
        let orientation = orientation ?? .up
        var bytes: [UInt8] = [0xFF, 0xD8]
        if isJFIF { bytes += Self.segment(0xE0, Self.jfif + [1, 1, 0, 0, 1, 0, 1, 0, 0]) }
        if orientation != .up { bytes += Self.segment(0xE1, Orientation.signature + orientation.exif) }
        if let transform { bytes += Self.segment(0xEE, Self.adobe + [0, 100, 0, 0, 0, 0, transform]) }
        bytes += kept
        bytes += [0xFF, 0xD9]
        return Picture(format: .jpeg, size: size, orientation: orientation, bytes: bytes)
    }

    /// The code of the next marker (§B.1.1.2): bytes that fill may stand before it.
    private mutating func marker() throws(PictureError) -> UInt8 {
        guard try reader.number(1) == 0xFF else { throw .malformed("marker") }
        var code = 0xFF
        while code == 0xFF { code = try reader.number(1) }
        return UInt8(truncatingIfNeeded: code)
    }

    /// A part that begins with its length (§B.1.1.4).
    private mutating func readSegment(_ code: UInt8) throws(PictureError) {
        let length = try reader.number(2)
        guard length >= 2 else { throw .malformed(Self.name(code)) }
        let data = try reader.take(length - 2)
        switch code {
        case 0xC0, 0xC1, 0xC2: try readFrame(data)
        case 0xC4: try Self.checkHuffmanTables(data)
        case 0xDB: try Self.checkQuantizationTables(data)
        case 0xDD:
            // How many units stand between two RST.
            guard data.count == 2 else { throw .malformed("DRI") }
        case 0xDA: return try readScan(data)
        case 0xE0...0xEF, 0xFE: return try readAddition(code, data)
        default: throw .unsupported(Self.name(code))
        }
        kept += Self.segment(code, data)
    }

    /// SOF (§B.2.2), of 8 bits a sample, which is all that browsers show.
    private mutating func readFrame(_ data: ArraySlice<UInt8>) throws(PictureError) {
        guard size == nil else { throw .order("SOF") }
        let fault = PictureError.malformed("SOF")
        var reader = ByteReader(data, short: fault)
        let precision = try reader.number(1)
        let (height, width) = (try reader.number(2), try reader.number(2))
        let count = try reader.number(1)
        guard precision == 8, [1, 3, 4].contains(count) else { throw .unsupported("SOF") }
        for _ in 0..<count {
            components.append(try reader.number(1))
            let (sampling, table) = (try reader.number(1), try reader.number(1))
            guard (1...4).contains(sampling >> 4), (1...4).contains(sampling & 15), table < 4 else { throw fault }
        }
        guard reader.isEmpty else { throw fault }
        let sides = PictureSize(width: width, height: height)
        try limits.check(sides)
        size = sides
    }

    /// SOS (§B.2.3), and what is coded after it.
    private mutating func readScan(_ data: ArraySlice<UInt8>) throws(PictureError) {
        guard size != nil else { throw .order("SOF") }
        guard scans < Self.mostScans else { throw .unsupported("SOS") }
        scans += 1
        let fault = PictureError.malformed("SOS")
        var reader = ByteReader(data, short: fault)
        let count = try reader.number(1)
        guard (1...4).contains(count), data.count == 4 + 2 * count else { throw fault }
        for _ in 0..<count {
            let id = try reader.number(1)
            guard components.contains(id) else { throw fault }
            _ = try reader.take(1)
        }
        let coded = try takeCoded()
        guard !coded.isEmpty else { throw fault }
        kept += Self.segment(0xDA, data)
        kept += coded
    }

    /// The bytes up to the next marker that does not belong to them (§B.1.1.5), without those that fill.
    private mutating func takeCoded() throws(PictureError) -> ArraySlice<UInt8> {
        let bytes = reader.rest
        var at = bytes.startIndex
        while at + 1 < bytes.endIndex {
            if bytes[at] == 0xFF, Self.endsCoded(bytes[at + 1]) {
                var coded = try reader.take(at - bytes.startIndex)
                while coded.last == 0xFF { coded = coded.dropLast() }
                return coded
            }
            at += 1
        }
        throw .cut
    }

    /// Whether a byte after 0xFF ends what is coded: not a zero, which says that 0xFF was meant, nor RST, nor fill.
    private static func endsCoded(_ next: UInt8) -> Bool {
        switch next {
        case 0x00, 0xD0...0xD7, 0xFF: false
        default: true
        }
    }

    /// APP0 to APP15 and COM: what they say of showing the picture counts until the first scan.
    private mutating func readAddition(_ code: UInt8, _ data: ArraySlice<UInt8>) throws(PictureError) {
        guard scans == 0 else { return }
        switch code {
        case 0xE0:
            if data.count >= 14, data.starts(with: Self.jfif) { isJFIF = true }
        case 0xE1:
            if data.starts(with: Orientation.signature) { orientation = orientation ?? Orientation(exif: data) }
        case 0xEE:
            guard data.starts(with: Self.adobe), data.count >= 12 else { return }
            let value = data[data.startIndex + 11]
            guard value <= 2 else { throw .malformed("Adobe") }
            transform = value
        default: break
        }
    }

    /// DHT (§B.2.4.2): how many codes have each length, and what they mean.
    private static func checkHuffmanTables(_ data: ArraySlice<UInt8>) throws(PictureError) {
        let fault = PictureError.malformed("DHT")
        var reader = ByteReader(data, short: fault)
        while !reader.isEmpty {
            let id = try reader.number(1)
            let count = try reader.take(16).reduce(0) { $0 + Int($1) }
            guard id >> 4 <= 1, id & 15 <= 3, count <= 256 else { throw fault }
            _ = try reader.take(count)
        }
    }

    /// DQT (§B.2.4.1): 64 numbers of a byte or two.
    private static func checkQuantizationTables(_ data: ArraySlice<UInt8>) throws(PictureError) {
        let fault = PictureError.malformed("DQT")
        var reader = ByteReader(data, short: fault)
        while !reader.isEmpty {
            let id = try reader.number(1)
            guard id >> 4 <= 1, id & 15 <= 3 else { throw fault }
            _ = try reader.take(id >> 4 == 0 ? 64 : 128)
        }
    }

    private static func segment(_ code: UInt8, _ data: some Collection<UInt8>) -> [UInt8] {
        var segment: [UInt8] = [0xFF, code]
        segment += ByteReader.bytes(data.count + 2, 2)
        segment += data
        return segment
    }

    /// What a marker is called in errors.
    private static func name(_ code: UInt8) -> String { "FF" + String(code, radix: 16, uppercase: true) }
}
