import Pictures
import Testing

@Suite("Pictures")
struct PictureTests {
    @Test("S70: a file is what its bytes say, whatever its name")
    func formats() throws {
        #expect(PictureFormat(beginning: PictureFiles.fullJPEG.prefix(PictureFormat.beginning)) == .jpeg)
        #expect(PictureFormat(beginning: PictureFiles.smallPNG.prefix(PictureFormat.beginning)) == .png)
        #expect(PictureFormat(beginning: PictureFiles.lossy.prefix(PictureFormat.beginning)) == .webp)
        #expect(PictureFormat.allCases.map(\.mediaType) == ["image/jpeg", "image/png", "image/webp"])
        let others = [
            "", "R", "<svg onload=\"alert(1)\">", "GIF89a......", "RIFF....WAVEfmt ", "<html>", "%PDF-1.7",
            "PK\u{3}\u{4}",
        ]
        for other in others {
            #expect(throws: PictureError.unknownFormat) { try Picture(Array(other.utf8)) }
        }
    }

    @Test("S70: no more bytes than allowed, and no more pixels, whatever is behind them")
    func limits() throws {
        let file = PictureFiles.smallPNG
        _ = try Picture(file, within: PictureLimits(bytes: file.count, pixels: 1))
        #expect(throws: PictureError.tooLarge) {
            try Picture(file, within: PictureLimits(bytes: file.count - 1, pixels: 1))
        }
        #expect(throws: PictureError.tooManyPixels) {
            try Picture(file, within: PictureLimits(bytes: file.count, pixels: 0))
        }
        let standard = PictureLimits.standard
        let large = file + [UInt8](repeating: 0, count: standard.bytes - file.count)
        #expect(try Picture(large).bytes == file)
        #expect(throws: PictureError.tooLarge) { try Picture(large + [0]) }
        #expect(PictureFiles.bomb.count == 65)
        #expect(throws: PictureError.tooManyPixels) { try Picture(PictureFiles.bomb) }
        let most = PictureFiles.png(
            PictureFiles.header(10_000, 5000), PictureFiles.chunk("IDAT", PictureFiles.red), PictureFiles.end)
        #expect(try Picture(most).width == 10_000)
        let more = PictureFiles.png(
            PictureFiles.header(10_000, 5001), PictureFiles.chunk("IDAT", PictureFiles.red), PictureFiles.end)
        #expect(throws: PictureError.tooManyPixels) { try Picture(more) }
    }

    @Test("What follows the end is dropped", arguments: PictureFiles.all)
    func trailing(file: [UInt8]) throws {
        let picture = try Picture(file)
        let archive = Array("PK\u{3}\u{4}".utf8) + PictureFiles.secret
        #expect(try Picture(file + archive) == picture)
    }

    @Test("S70: nothing of place and device is left, and the orientation is", arguments: PictureFiles.all)
    func secrets(file: [UInt8]) throws {
        let picture = try Picture(file)
        #expect(!PictureParts.contain(PictureFiles.secret, in: picture.bytes))
        #expect(try Picture(picture.bytes) == picture)
        #expect(PictureParts.strangers(in: picture).isEmpty)
        #expect(picture.bytes.count <= file.count)
    }

    @Test("Each orientation is kept, in each format and in both orders of bytes", arguments: Orientation.allCases)
    func orientation(_ orientation: Orientation) throws {
        let number = orientation.rawValue
        for bigEndian in [true, false] {
            let exif = PictureFiles.exif(number, bigEndian: bigEndian)
            let files = [
                PictureFiles.jpeg(
                    PictureFiles.segment(0xE1, PictureFiles.exifSignature + exif), PictureFiles.picture),
                PictureFiles.png(
                    PictureFiles.header(), PictureFiles.chunk("IDAT", PictureFiles.red),
                    PictureFiles.chunk("eXIf", exif), PictureFiles.end),
                PictureFiles.webp(
                    PictureFiles.canvas(8), PictureFiles.lossyChunk,
                    PictureFiles.part("EXIF", PictureFiles.exifSignature + exif)),
            ]
            for file in files {
                let picture = try Picture(file)
                #expect(picture.orientation == orientation)
                #expect(orientation.swapsSides == (number > 4))
                let block = PictureFiles.minimal(number)
                #expect(PictureParts.contain(block, in: picture.bytes) == (orientation != .up))
                #expect(try Picture(picture.bytes) == picture)
            }
        }
    }

    @Test(
        "EXIF that says nothing that can be understood says nothing",
        arguments: [
            "", "4d4d", "4d4e002a00000008", "4d4d002b00000008000101120003000000010006000000000000",
            "4d4d002a00000000000101120003000000010006000000000000",
            "4d4d002a00000009000101120003000000010006000000000000",
            "4d4d002affffffff000101120003000000010006000000000000",
            "4d4d002a00000008ffff000101120003000000010006000000000000",
            "4d4d002a00000008000101120003000000010000000000000000",
            "4d4d002a00000008000101120003000000010009000000000000",
            "4d4d002a00000008000101120003000000010106000000000000",
            "4d4d002a00000008000101120004000000010006000000000000",
            "4d4d002a00000008000101120003000000020006000000000000",
            "4d4d002a000000080001011200030000000100060000000000",
        ])
    func unread(exif: String) throws {
        let block = PictureFiles.exifSignature + PictureFiles.bytes(exif)
        let picture = try Picture(
            PictureFiles.jpeg(PictureFiles.segment(0xE1, block), PictureFiles.picture))
        #expect(picture.orientation == .up)
        #expect(picture.bytes == PictureFiles.jpeg(PictureFiles.picture))
    }
}
