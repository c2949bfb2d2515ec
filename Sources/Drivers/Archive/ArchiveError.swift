/// What is wrong with an archive that is read.
package enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not an archive at all: another kind of file.
    case foreign(String)
    /// An archive that was cut short, or changed since it was written.
    case damaged(String)

    package var description: String {
        switch self {
        case .foreign(let text): text
        case .damaged(let text): "damaged: \(text)"
        }
    }
}
