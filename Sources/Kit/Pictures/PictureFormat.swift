/// The formats of pictures that are taken.
package enum PictureFormat: String, CaseIterable, Sendable {
    case jpeg, png, webp

    /// How many bytes of a file tell what it is.
    package static let beginning = 12

    /// What a file is by its first ``beginning`` bytes; `nil` for anything else.
    package init?(beginning bytes: some Collection<UInt8>) {
        if bytes.starts(with: JPEGParser.signature) {
            self = .jpeg
        } else if bytes.starts(with: PNGParser.signature) {
            self = .png
        } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            self = .webp
        } else {
            return nil
        }
    }

    /// The type under which it is served.
    package var mediaType: String { "image/\(rawValue)" }
}
