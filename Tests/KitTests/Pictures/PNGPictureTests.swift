import Pictures
import Testing

@Suite("Pictures: PNG")
struct PNGPictureTests {
    private typealias Files = PictureFiles

    private static let data = Files.chunk("IDAT", Files.red)
    private static let indexed = Files.header(colours: 3)

    private static func palette(_ colours: Int) -> [UInt8] {
        Files.chunk("PLTE", [UInt8](repeating: 7, count: colours * 3))
    }
    private static func transparency(_ count: Int) -> [UInt8] {
        Files.chunk("tRNS", [UInt8](repeating: 7, count: count))
    }

    @Test("What another program has written is kept as it is, and these tests write the same")
    func plain() throws {
        let picture = try Picture(Files.smallPNG)
        #expect(picture.format == .png)
        #expect(picture.width == 1)
        #expect(picture.height == 1)
        #expect(picture.bytes == Files.smallPNG)
        #expect(Files.png(Files.header(), Self.data, Files.end) == Files.smallPNG)
    }

    @Test("S70: texts, times, profiles, animation and EXIF are left out, and the orientation is kept")
    func full() throws {
        let picture = try Picture(Files.fullPNG)
        #expect(picture.orientation == .right)
        let rest = Files.png(Files.header(), Files.chunk("eXIf", Files.minimal(6)), Self.data, Files.end)
        #expect(picture.bytes == rest)
    }

    @Test("A palette and transparency are kept if they are needed")
    func colours() throws {
        let files = [
            Files.png(Self.indexed, Self.palette(256), Self.transparency(256), Self.data, Self.data, Files.end),
            Files.png(Files.header(depth: 1, colours: 3), Self.palette(2), Self.data, Files.end),
            Files.png(Files.header(depth: 16, colours: 0), Self.transparency(2), Self.data, Files.end),
            Files.png(Files.header(), Self.transparency(6), Self.data, Files.end),
            Files.png(Files.header(depth: 16, colours: 6), Self.data, Files.end),
        ]
        for file in files { #expect(try Picture(file).bytes == file) }
        let hint = Files.png(Files.header(), Self.palette(3), Self.transparency(6), Self.data, Files.end)
        let rest = Files.png(Files.header(), Self.transparency(6), Self.data, Files.end)
        #expect(try Picture(hint).bytes == rest)
    }

    static let badHeaders: [([[UInt8]], PictureError)] = [
        ([Files.header(depth: 4)], .malformed("IHDR")), ([Files.header(colours: 5)], .malformed("IHDR")),
        ([Files.header(0, 1)], .noPixels), ([Files.header(1, 0)], .noPixels),
        ([Files.header(0x8000_0000, 1)], .malformed("IHDR")),
        ([Files.header(0x7FFF_FFFF, 0x7FFF_FFFF)], .tooManyPixels),
        ([Files.chunk("IHDR", [0, 0, 0, 1])], .malformed("IHDR")),
        ([Files.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 2])], .malformed("IHDR")),
        ([Files.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 1, 0])], .malformed("IHDR")),
        ([Files.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 1, 0, 0])], .malformed("IHDR")),
        ([Files.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0])], .malformed("IHDR")),
        ([Files.chunk("CgBI", [0, 0, 0, 0]), Files.header()], .order("IHDR")),
        ([Files.header(), Files.header()], .order("IHDR")), ([], .order("IHDR")),
    ]

    @Test("Headers that are none are refused", arguments: badHeaders)
    func headers(headers: [[UInt8]], error: PictureError) {
        #expect(throws: error) { try Picture(Files.png(headers.flatMap(\.self), Self.data, Files.end)) }
    }

    static let badChunks: [([[UInt8]], PictureError)] = [
        ([data], .cut), ([Files.end], .order("IDAT")), ([Files.chunk("IDAT"), Files.end], .order("IDAT")),
        ([data, Files.chunk("tEXt"), data, Files.end], .order("IDAT")),
        ([data, Files.chunk("IEND", [0])], .malformed("IEND")),
        ([Files.chunk("ABCD"), data, Files.end], .unsupported("ABCD")),
        ([Files.chunk("ab1d"), data, Files.end], .malformed("chunk")),
        ([[0xFF, 0xFF, 0xFF, 0xFF], Files.text("IDAT")], .malformed("IDAT")),
        ([[0x7F, 0xFF, 0xFF, 0xFF], Files.text("IDAT")], .cut),
        ([Array(data.dropLast()), [0], Files.end], .checksum("IDAT")),
        ([palette(0), data, Files.end], .malformed("PLTE")), ([palette(257), data, Files.end], .malformed("PLTE")),
        ([Files.chunk("PLTE", [1, 2, 3, 4]), data, Files.end], .malformed("PLTE")),
        ([data, palette(1), Files.end], .order("PLTE")), ([palette(1), palette(1), data, Files.end], .order("PLTE")),
        ([transparency(2), data, Files.end], .malformed("tRNS")), ([data, transparency(6), Files.end], .order("tRNS")),
        ([transparency(6), transparency(6), data, Files.end], .order("tRNS")),
        ([transparency(6), palette(1), data, Files.end], .order("PLTE")),
    ]

    @Test("Chunks that are not as they must be are refused", arguments: badChunks)
    func chunks(chunks: [[UInt8]], error: PictureError) {
        #expect(throws: error) { try Picture(Files.png(Files.header(), chunks.flatMap(\.self))) }
    }

    @Test("Colours that are not in the palette's place are refused")
    func palettes() {
        let files: [([UInt8], PictureError)] = [
            (Files.png(Self.indexed, Self.data, Files.end), .order("IDAT")),
            (Files.png(Self.indexed, Self.transparency(1), Self.palette(1), Self.data), .malformed("tRNS")),
            (Files.png(Self.indexed, Self.palette(1), Self.transparency(2), Self.data), .malformed("tRNS")),
            (Files.png(Self.indexed, Self.palette(1), Self.transparency(0), Self.data), .malformed("tRNS")),
            (Files.png(Files.header(depth: 1, colours: 3), Self.palette(3), Self.data), .malformed("PLTE")),
            (Files.png(Files.header(colours: 0), Self.palette(1), Self.data), .order("PLTE")),
            (Files.png(Files.header(colours: 6), Self.transparency(6), Self.data), .malformed("tRNS")),
        ]
        for (file, error) in files { #expect(throws: error) { try Picture(file) } }
    }
}
