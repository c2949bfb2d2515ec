import Pictures
import Testing

@Suite("Pictures: JPEG")
struct JPEGPictureTests {
    private typealias Files = PictureFiles

    private static func frame(_ bytes: UInt8...) -> [UInt8] { Files.segment(0xC0, bytes) }
    private static func coded(_ header: UInt8...) -> [UInt8] { Files.segment(0xDA, header) + [0x3F] }

    @Test("What is needed is kept as it is")
    func plain() throws {
        let file = Files.jpeg(Files.picture)
        let picture = try Picture(file)
        #expect(picture.format == .jpeg)
        #expect(picture.width == 3)
        #expect(picture.height == 2)
        #expect(picture.orientation == .up)
        #expect(picture.bytes == file)
    }

    @Test("S70: of a phone's picture only JFIF, without density and thumbnail, and the orientation are left")
    func phone() throws {
        let picture = try Picture(Files.fullJPEG)
        #expect(picture.bytes == Files.jpeg(Files.jfif, Files.turned, Files.picture))
        #expect(picture.width == 3)
        #expect(picture.height == 2)
        #expect(picture.orientation == .right)
    }

    @Test("Several scans, restarts and zeros after 0xFF are kept; comments between them and bytes that fill are not")
    func scans() throws {
        let interval = Files.segment(0xDD, [0, 1])
        let coded: [UInt8] = [0x3F, 0xFF, 0xD0, 0x3F, 0xFF, 0x00, 0x3F]
        let more = Files.segment(0xDB, [0] + [UInt8](repeating: 2, count: 64)) + Files.scan
        let fill: [UInt8] = [0xFF, 0xFF]
        let comment = Files.segment(0xFE, Files.secret)
        let progressive = Files.segment(0xC2, Array(Files.frame.dropFirst(4)))
        let parts = [Files.quantization, progressive, interval, Files.codes, Files.scanHeader, coded]
        let head = parts.flatMap(\.self)
        let picture = try Picture(Files.jpeg(fill, head, fill, comment, fill, more, comment, Files.turned, fill))
        #expect(picture.bytes == Files.jpeg(head, more))
        // What stands after a scan tells nothing of the orientation.
        #expect(picture.orientation == .up)
    }

    @Test("How Adobe's programs code colours is kept, and which program it was is not")
    func adobe() throws {
        let name = Files.text("Adobe")
        for transform: UInt8 in 0...2 {
            let file = Files.jpeg(Files.segment(0xEE, name + [0, 101, 1, 2, 3, 4, transform]), Files.picture)
            let rest = Files.jpeg(Files.segment(0xEE, name + [0, 100, 0, 0, 0, 0, transform]), Files.picture)
            #expect(try Picture(file).bytes == rest)
        }
        let other = Files.jpeg(Files.segment(0xEE, name + [0, 100, 0, 0, 0, 0, 3]), Files.picture)
        #expect(throws: PictureError.malformed("Adobe")) { try Picture(other) }
    }

    @Test("A hundred scans are taken, and no more")
    func manyScans() throws {
        func file(_ scans: Int) -> [UInt8] {
            Files.jpeg(Files.quantization, Files.frame, [[UInt8]](repeating: Files.scan, count: scans).flatMap(\.self))
        }
        #expect(try Picture(file(100)).bytes == file(100))
        #expect(throws: PictureError.unsupported("SOS")) { try Picture(file(101)) }
    }

    static let badFrames: [([[UInt8]], PictureError)] = [
        ([frame(12, 0, 2, 0, 3, 1, 1, 0x11, 0)], .unsupported("SOF")),
        ([frame(8, 0, 2, 0, 3, 2, 1, 0x11, 0, 2, 0x11, 0)], .unsupported("SOF")),
        ([frame(8, 0, 0, 0, 3, 1, 1, 0x11, 0)], .noPixels), ([frame(8, 0, 2, 0, 0, 1, 1, 0x11, 0)], .noPixels),
        ([frame(8, 255, 255, 255, 255, 1, 1, 0x11, 0)], .tooManyPixels),
        ([frame(8, 0, 2, 0, 3, 1, 1, 0x51, 0)], .malformed("SOF")),
        ([frame(8, 0, 2, 0, 3, 1, 1, 0x10, 0)], .malformed("SOF")),
        ([frame(8, 0, 2, 0, 3, 1, 1, 0x11, 4)], .malformed("SOF")),
        ([frame(8, 0, 2, 0, 3, 1, 1, 0x11, 0, 0)], .malformed("SOF")),
        ([frame(8, 0, 2, 0, 3, 3, 1, 0x11, 0)], .malformed("SOF")),
        ([Files.frame, Files.frame], .order("SOF")), ([], .order("SOF")),
        ([Files.segment(0xC3, [8, 0, 2, 0, 3, 1, 1, 0x11, 0])], .unsupported("FFC3")),
        ([Files.segment(0xC9, [8, 0, 2, 0, 3, 1, 1, 0x11, 0])], .unsupported("FFC9")),
        ([Files.segment(0xCC, [0, 0])], .unsupported("FFCC")),
    ]

    @Test("Frames that are none, or that browsers do not show, are refused", arguments: badFrames)
    func frames(frames: [[UInt8]], error: PictureError) {
        let file = Files.jpeg(Files.quantization, frames.flatMap(\.self), Files.codes, Files.scan)
        #expect(throws: error) { try Picture(file) }
    }

    /// A segment of one byte and so many zeros.
    private static func zeros(_ count: Int, in code: UInt8, after first: UInt8) -> [UInt8] {
        Files.segment(code, [first] + [UInt8](repeating: 0, count: count))
    }

    static let badParts: [([[UInt8]], PictureError)] = [
        ([], .order("SOS")), ([Files.scanHeader], .malformed("SOS")),
        ([Files.scanHeader, [0xFF, 0xFF]], .malformed("SOS")),
        ([coded(1, 2, 0, 0, 63, 0)], .malformed("SOS")), ([coded(1, 1, 0, 0, 63)], .malformed("SOS")),
        ([coded(0, 0, 63, 0)], .malformed("SOS")), ([coded()], .malformed("SOS")),
        ([Files.segment(0xC4, [0, 1])], .malformed("DHT")), ([zeros(16, in: 0xC4, after: 0x20)], .malformed("DHT")),
        ([Files.segment(0xC4, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])], .malformed("DHT")),
        ([zeros(63, in: 0xDB, after: 0)], .malformed("DQT")), ([zeros(64, in: 0xDB, after: 0x20)], .malformed("DQT")),
        ([zeros(64, in: 0xDB, after: 0x10)], .malformed("DQT")), ([Files.segment(0xDD, [0])], .malformed("DRI")),
        ([Files.segment(0xDC, [0, 2])], .unsupported("FFDC")), ([[0xFF, 0xD8, 0, 2]], .unsupported("FFD8")),
        ([[0xFF, 0x00, 0, 2]], .unsupported("FF0")), ([[0xFF, 0xFE, 0, 1]], .malformed("FFFE")),
        ([[0, 0xFF]], .malformed("marker")), ([[0xFF, 0xFE, 0xFF, 0xFF]], .cut),
    ]

    @Test("Other parts that are not as they must be are refused", arguments: badParts)
    func parts(parts: [[UInt8]], error: PictureError) {
        #expect(throws: error) { try Picture(Files.jpeg(Files.quantization, Files.frame, parts.flatMap(\.self))) }
    }
}
