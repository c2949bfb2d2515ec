/// How a picture has to be turned to be shown (EXIF 2.32, tag 274): cameras do not turn the pixels, but write this
/// down. The names say at which side the first row of the file is shown.
package enum Orientation: UInt8, CaseIterable, Sendable {
    case up = 1
    case upMirrored, down, downMirrored, leftMirrored, right, rightMirrored, left

    /// Whether its width is shown as its height.
    package var swapsSides: Bool { rawValue >= 5 }

    /// With these bytes an EXIF block begins in JPEG; some programs write them in the other formats too.
    static let signature: [UInt8] = Array("Exif".utf8) + [0, 0]

    /// What an EXIF block says: the first directory of a TIFF file (TIFF 6.0, section 2). `nil` if it says nothing that
    /// can be understood: the block is dropped, so it is not worth refusing the picture.
    init?(exif block: ArraySlice<UInt8>) {
        let tiff = block.starts(with: Self.signature) ? block.dropFirst(Self.signature.count) : block
        guard let value = try? Self.value(in: tiff) else { return nil }
        self.init(rawValue: value)
    }

    /// An EXIF block that says this and nothing else. No block that says as much is shorter.
    var exif: [UInt8] {
        [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, rawValue, 0, 0, 0, 0, 0, 0]
    }

    private static func value(in tiff: ArraySlice<UInt8>) throws(PictureError) -> UInt8? {
        let fault = PictureError.malformed("EXIF")
        let order: ByteReader.Order
        if tiff.starts(with: [0x4D, 0x4D]) {
            order = .big
        } else if tiff.starts(with: [0x49, 0x49]) {
            order = .little
        } else {
            return nil
        }
        var header = ByteReader(tiff.dropFirst(2), order: order, short: fault)
        guard try header.number(2) == 42 else { return nil }
        let place = try header.number(4)
        guard place >= 8 else { return nil }
        var reader = ByteReader(tiff.dropFirst(place), order: order, short: fault)
        let count = try reader.number(2)
        var directory = ByteReader(try reader.take(count * 12), order: order, short: fault)
        // The place of the next directory.
        _ = try reader.take(4)
        while !directory.isEmpty {
            let (tag, kind) = (try directory.number(2), try directory.number(2))
            let (values, value) = (try directory.number(4), try directory.number(2))
            _ = try directory.take(2)
            if tag == 0x0112, kind == 3, values == 1 { return UInt8(exactly: value) }
        }
        return nil
    }
}
