/// Where in a stream a consumer begins.
enum StreamStart: Equatable, Sendable {
    case first
    /// The last chunk, which is a group of messages; if the stream is empty, whatever comes next.
    case last
    /// This offset, or the first one after it that exists.
    case offset(Int64)
}
