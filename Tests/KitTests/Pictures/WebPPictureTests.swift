import Pictures
import Testing

@Suite("Pictures: WebP")
struct WebPPictureTests {
    private typealias Files = PictureFiles

    @Test(
        "What another program has written is kept as it is",
        arguments: [PictureFiles.lossy, PictureFiles.lossless, PictureFiles.alpha])
    func plain(file: [UInt8]) throws {
        let picture = try Picture(file)
        #expect(picture.format == .webp)
        #expect(picture.width == 1)
        #expect(picture.height == 1)
        #expect(picture.orientation == .up)
        #expect(picture.bytes == file)
    }

    @Test("S70: profiles, XMP, EXIF and unknown chunks are left out, and the orientation is kept")
    func full() throws {
        let picture = try Picture(Files.fullWebP)
        #expect(picture.orientation == .right)
        let rest = Files.webp(
            Files.canvas(0x18), Files.alphaChunk, Array(Files.alpha.dropFirst(50)),
            Files.part("EXIF", Files.minimal(6)))
        #expect(picture.bytes == rest)
    }

    @Test("What needs no more is written in the simple form")
    func simple() throws {
        let metadata = Files.part("XMP ", Files.secret)
        let exif = Files.part("EXIF", Files.exif(6))
        let extended = Files.webp(Files.canvas(0x24), Files.part("ICCP", Files.secret), Files.lossyChunk, metadata)
        #expect(try Picture(extended).bytes == Files.lossy)
        // Readers of the simple form look at nothing else, so it has no orientation.
        #expect(try Picture(Files.webp(Files.lossyChunk, exif, metadata)).bytes == Files.lossy)
        let twice = Files.webp(Files.canvas(0x10), Files.alphaChunk, Files.losslessChunk)
        #expect(try Picture(twice).bytes == Files.lossless)
    }

    @Test("Lossless pixels that are turned say that they are transparent")
    func lossless() throws {
        let file = Files.webp(Files.canvas(0x08), Files.losslessChunk, Files.part("EXIF", Files.exif(8)))
        let rest = Files.webp(Files.canvas(0x18), Files.losslessChunk, Files.part("EXIF", Files.minimal(8)))
        #expect(try Picture(file).bytes == rest)
    }

    @Test("EXIF that the header does not tell of turns nothing, as browsers do not look for it")
    func untold() throws {
        let picture = try Picture(Files.webp(Files.canvas(0), Files.losslessChunk, Files.part("EXIF", Files.exif(6))))
        #expect(picture.orientation == .up)
        #expect(picture.bytes == Files.lossless)
    }

    private static let extended = Files.canvas(0x10)
    private static let vp8x = Files.part("VP8X", [UInt8](repeating: 0, count: 11))

    static let badChunks: [([[UInt8]], PictureError)] = [
        ([Array(Files.animated.dropFirst(12))], .unsupported("ANIM")),
        ([Files.canvas(0x02), Files.losslessChunk], .unsupported("ANIM")),
        ([extended, Files.part("ANMF", Files.secret), Files.losslessChunk], .unsupported("ANIM")),
        ([extended], .order("VP8")), ([Files.part("abcd", []), Files.lossyChunk], .order("VP8")),
        ([Files.lossyChunk, Files.losslessChunk], .order("VP8")),
        ([Files.alphaChunk, Files.lossyChunk], .order("ALPH")),
        ([extended, Files.lossyChunk, Files.alphaChunk], .order("ALPH")),
        ([extended, Files.alphaChunk, Files.alphaChunk, Files.lossyChunk], .order("ALPH")),
        ([extended, Files.part("ALPH", [0]), Files.lossyChunk], .malformed("ALPH")),
        ([extended, Files.part("ALPH", [2, 0]), Files.lossyChunk], .malformed("ALPH")),
        ([Files.canvas(0, 2, 1), Files.lossyChunk], .malformed("VP8X")),
        ([Files.canvas(0, 1, 2), Files.lossyChunk], .malformed("VP8X")),
        ([extended, extended, Files.lossyChunk], .order("VP8X")), ([vp8x, Files.lossyChunk], .malformed("VP8X")),
        ([Files.text("VP8 "), [0xFF, 0xFF, 0xFF, 0xFF], Files.lossyChunk], .malformed("RIFF")),
        ([], .malformed("RIFF")),
    ]

    @Test("Chunks that are not as they must be are refused", arguments: badChunks)
    func chunks(chunks: [[UInt8]], error: PictureError) {
        #expect(throws: error) { try Picture(Files.webp(chunks.flatMap(\.self))) }
    }

    @Test("A length of the whole that is odd, too small or too large is refused")
    func length() {
        var file = Files.lossy + [0]
        file[4] += 1
        #expect(throws: PictureError.malformed("RIFF")) { try Picture(file) }
        file[4] = 2
        #expect(throws: PictureError.malformed("RIFF")) { try Picture(file) }
        file[7] = 0xFF
        #expect(throws: PictureError.cut) { try Picture(file) }
    }

    /// What is changed in the beginning of the pixels, at which place of the file.
    static let badLossy: [(Int, UInt8, PictureError)] = [
        // No key frame, not shown, a version that there is not, a first part that is too long, another code.
        (20, 0x31, .malformed("VP8")), (20, 0x20, .malformed("VP8")), (20, 0x38, .malformed("VP8")),
        (21, 0x02, .malformed("VP8")), (23, 0x9E, .malformed("VP8")),
        (26, 0, .noPixels), (28, 0, .noPixels),
    ]

    @Test("Lossy pixels that begin wrongly are refused", arguments: badLossy)
    func lossy(place: Int, value: UInt8, error: PictureError) {
        var file = Files.lossy
        file[place] = value
        #expect(throws: error) { try Picture(file) }
    }

    @Test("Lossy pixels whose first part is empty are refused")
    func empty() {
        var file = Files.lossy
        (file[20], file[21]) = (0x10, 0)
        #expect(throws: PictureError.malformed("VP8")) { try Picture(file) }
    }

    static let badLossless: [([UInt8], PictureError)] = [
        ([0x2E, 0, 0, 0, 0x10, 7], .malformed("VP8L")), ([0x2F, 0, 0, 0, 0x30, 7], .malformed("VP8L")),
        ([0x2F, 0, 0, 0, 0x10], .malformed("VP8L")), ([0x2F, 0], .malformed("VP8L")),
        ([0x2F, 0xFF, 0xFF, 0xFF, 0x1F, 7], .tooManyPixels),
    ]

    @Test("Lossless pixels that begin wrongly are refused", arguments: badLossless)
    func lossless(data: [UInt8], error: PictureError) {
        #expect(throws: error) { try Picture(Files.webp(Files.part("VP8L", data))) }
    }
}
