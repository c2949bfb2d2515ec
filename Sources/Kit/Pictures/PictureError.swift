/// Why a file is not taken as a picture. Parts are named as the formats name them: `IHDR`, `DHT`, `VP8X`.
package enum PictureError: Error, Hashable, Sendable {
    /// More bytes than ``PictureLimits/bytes``.
    case tooLarge
    /// It begins like no format that is taken.
    case unknownFormat
    /// It ends before the picture does.
    case cut
    /// A part is not as its format says.
    case malformed(String)
    /// The checksum of a part is wrong.
    case checksum(String)
    /// A part is missing, or stands twice or in a wrong place.
    case order(String)
    /// A part that not every browser shows, such as arithmetic coding, or that makes more than one picture of it.
    case unsupported(String)
    /// A side is 0.
    case noPixels
    /// More pixels than ``PictureLimits/pixels``.
    case tooManyPixels
}
