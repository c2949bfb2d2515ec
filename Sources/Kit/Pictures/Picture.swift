/// A picture that may be kept and shown. Its file was parsed and never decoded, and is **stripped**: what is not needed
/// to show the picture is left out (S70). Stripping it again changes nothing.
package struct Picture: Hashable, Sendable {
    package let format: PictureFormat
    /// The sides in pixels, as they are in the file. ``Orientation/swapsSides`` says whether they are shown the other
    /// way round.
    package let width: Int
    package let height: Int
    package let orientation: Orientation
    /// The stripped file: never longer than the one that was sent.
    package let bytes: [UInt8]

    /// Parses a whole file and strips it. Its first bytes say what it is, and not its name. Bytes after the picture's
    /// end are dropped.
    package init(_ file: [UInt8], within limits: PictureLimits = .standard) throws(PictureError) {
        guard file.count <= limits.bytes else { throw .tooLarge }
        guard let format = PictureFormat(beginning: file) else { throw .unknownFormat }
        switch format {
        case .jpeg:
            var parser = JPEGParser(file, limits: limits)
            self = try parser.picture()
        case .png:
            var parser = PNGParser(file, limits: limits)
            self = try parser.picture()
        case .webp:
            var parser = WebPParser(file, limits: limits)
            self = try parser.picture()
        }
    }

    init(format: PictureFormat, size: PictureSize, orientation: Orientation, bytes: [UInt8]) {
        (self.format, self.orientation, self.bytes) = (format, orientation, bytes)
        (width, height) = (size.width, size.height)
    }
}
