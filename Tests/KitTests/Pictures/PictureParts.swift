import Pictures

/// Takes stripped files apart, by other code than the parsers', to see what is in them.
enum PictureParts {
    /// What stands in a stripped file and has no place there.
    static func strangers(in picture: Picture) -> [String] {
        switch picture.format {
        case .jpeg: jpegStrangers(picture)
        case .png: pngStrangers(picture)
        case .webp: webpStrangers(picture)
        }
    }

    static func contain(_ pattern: [UInt8], in bytes: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: pattern) }
    }

    private static func jpegStrangers(_ picture: Picture) -> [String] {
        let bytes = picture.bytes
        var strangers: [String] = []
        var at = 2
        while at + 3 < bytes.count {
            // Between the segments only what is coded: there each 0xFF has a zero or RST after it.
            guard bytes[at] == 0xFF, bytes[at + 1] != 0, !(0xD0...0xD7).contains(bytes[at + 1]), bytes[at + 1] != 0xFF
            else {
                at += 1
                continue
            }
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            let segment = Array(bytes[at..<min(bytes.count, at + 2 + length)])
            switch segment[1] {
            case 0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD: break
            case 0xE0 where segment == PictureFiles.jfif: break
            case 0xE1 where segment == turned(picture.orientation): break
            case 0xEE where segment.count == 16 && segment[15] <= 2: break
            default: strangers.append(String(segment[1], radix: 16))
            }
            at += segment.count
        }
        if Array(bytes.suffix(2)) != [0xFF, 0xD9] { strangers.append("the end") }
        return strangers
    }

    private static func turned(_ orientation: Orientation) -> [UInt8] {
        PictureFiles.segment(0xE1, PictureFiles.exifSignature + PictureFiles.minimal(orientation.rawValue))
    }

    private static func pngStrangers(_ picture: Picture) -> [String] {
        let block = PictureFiles.minimal(picture.orientation.rawValue)
        return parts(of: picture.bytes, from: 8) { bytes in
            let length: Int = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
            return (Array(bytes[4..<8]), length, 4)
        }.filter { part in
            !(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].contains(part.name)
                || part.name == "eXIf" && part.data == block && picture.orientation != .up)
        }.map(\.name)
    }

    private static func webpStrangers(_ picture: Picture) -> [String] {
        let block = PictureFiles.minimal(picture.orientation.rawValue)
        return parts(of: picture.bytes, from: 12) { bytes in
            let length: Int = bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            return (Array(bytes[0..<4]), length, length % 2)
        }.filter { part in
            !(["VP8X", "ALPH", "VP8 ", "VP8L"].contains(part.name)
                || part.name == "EXIF" && part.data == block && picture.orientation != .up)
        }.map(\.name)
    }

    /// Parts that begin with eight bytes: their name, the length of what follows, and how much comes after that.
    private static func parts(
        of bytes: [UInt8], from start: Int, head: (_ bytes: [UInt8]) -> (name: [UInt8], length: Int, after: Int)
    ) -> [(name: String, data: [UInt8])] {
        var parts: [(name: String, data: [UInt8])] = []
        var at = start
        while at + 8 <= bytes.count {
            let (name, length, after) = head(Array(bytes[at..<at + 8]))
            let end = min(bytes.count, at + 8 + length)
            parts.append((name: String(decoding: name, as: UTF8.self), data: Array(bytes[at + 8..<end])))
            at += 8 + length + after
        }
        if at != bytes.count { parts.append((name: "the end", data: [])) }
        return parts
    }
}
