/// How large a picture may be.
package struct PictureLimits: Hashable, Sendable {
    /// The most bytes that a file may have.
    package let bytes: Int
    /// The most pixels that its header may claim: whoever shows it needs memory for all of them.
    package let pixels: Int

    package init(bytes: Int, pixels: Int) {
        (self.bytes, self.pixels) = (bytes, pixels)
    }

    /// What S70 allows.
    package static let standard = PictureLimits(bytes: 10 * 1024 * 1024, pixels: 50_000_000)

    /// Refuses sides that no picture has, and too many pixels.
    func check(_ size: PictureSize) throws(PictureError) {
        guard size.width > 0, size.height > 0 else { throw .noPixels }
        let (pixels, overflow) = size.width.multipliedReportingOverflow(by: size.height)
        guard !overflow, pixels <= self.pixels else { throw .tooManyPixels }
    }
}

/// The sides of a picture in pixels.
struct PictureSize: Equatable {
    let width: Int
    let height: Int
}
