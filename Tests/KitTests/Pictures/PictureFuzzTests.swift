import Pictures
import TestKit
import Testing
import Values

/// Files that are cut, damaged or made up: nothing traps, and what is taken is whole, stripped and stays as it is.
@Suite("Pictures of hostile bytes")
struct PictureFuzzTests {
    /// What became of a file: whatever is taken is stripped, and stays as it is if it comes again.
    @discardableResult
    private static func taken(_ file: [UInt8]) -> Picture? {
        guard let picture = try? Picture(file) else { return nil }
        #expect((try? Picture(picture.bytes)) == picture, "\(Hexadecimal.text(file))")
        #expect(PictureParts.strangers(in: picture).isEmpty, "\(Hexadecimal.text(file))")
        #expect(picture.bytes.count <= file.count, "\(Hexadecimal.text(file))")
        #expect(picture.width > 0 && picture.height > 0, "\(Hexadecimal.text(file))")
        #expect(picture.width * picture.height <= PictureLimits.standard.pixels, "\(Hexadecimal.text(file))")
        return picture
    }

    /// A changed file, and if it is a PNG the same with right checksums.
    private static func forms(of file: [UInt8]) -> [[UInt8]] {
        PictureFormat(beginning: file) == .png ? [file, PictureFiles.mended(file)] : [file]
    }

    @Test("A file that is cut anywhere is refused", arguments: PictureFiles.all)
    func cut(file: [UInt8]) {
        #expect(Self.taken(file) != nil)
        for length in file.indices { #expect(Self.taken(Array(file.prefix(length))) == nil, "\(length)") }
    }

    @Test("A file with one bit changed is refused, or stripped all the same", arguments: PictureFiles.all)
    func bits(file: [UInt8]) {
        for at in file.indices {
            for bit in 0..<8 {
                var changed = file
                changed[at] ^= 1 << UInt8(bit)
                for form in Self.forms(of: changed) {
                    let bytes = Self.taken(form)?.bytes ?? []
                    #expect(!PictureParts.contain(PictureFiles.secret, in: bytes), "\(at), \(bit)")
                }
            }
        }
    }

    @Test("Files changed at random are refused, or stripped all the same", arguments: PictureFiles.all)
    func changes(file: [UInt8]) {
        var mutations = Mutations(seed: UInt64(file.count))
        for round in 0..<2000 {
            for form in Self.forms(of: mutations.changed(file, times: 1 + round % 4)) { Self.taken(form) }
        }
    }

    /// What follows the signature is made up; a valid beginning lets more of it be read.
    @Test("Bytes made up are refused, or stripped all the same")
    func random() {
        var generator = SplitMix64(seed: 70)
        let beginnings =
            PictureFiles.all.map { Array($0.prefix(12)) } + [Array(PictureFiles.jpeg(PictureFiles.frame).dropLast(2))]
        for round in 0..<3000 {
            let count = Int.random(in: 0..<200, using: &generator)
            let rest = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            Self.taken(beginnings[round % beginnings.count] + rest)
            Self.taken(rest)
        }
    }

    /// Each of these would take minutes if anything were gone over again for each part.
    @Test("Large files of many small parts are read in one go")
    func many() throws {
        let count = 100_000
        func repeated(_ part: [UInt8]) -> [UInt8] { [[UInt8]](repeating: part, count: count).flatMap(\.self) }
        let png = PictureFiles.png(
            PictureFiles.header(), repeated(PictureFiles.chunk("tEXt")),
            PictureFiles.chunk("IDAT", PictureFiles.red), repeated(PictureFiles.chunk("IDAT")), PictureFiles.end)
        #expect(try Picture(png).bytes.count == PictureFiles.smallPNG.count + count * 12)
        let jpeg = PictureFiles.jpeg(
            repeated(PictureFiles.segment(0xFE, [])), PictureFiles.picture, [UInt8](repeating: 0xFF, count: count))
        #expect(try Picture(jpeg).bytes == PictureFiles.jpeg(PictureFiles.picture))
        let webp = PictureFiles.webp(
            PictureFiles.canvas(0), PictureFiles.losslessChunk, repeated(PictureFiles.part("abcd", [])))
        #expect(try Picture(webp).bytes == PictureFiles.lossless)
    }
}
