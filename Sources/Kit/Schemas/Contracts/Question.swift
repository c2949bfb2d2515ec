/// A request from one service to another, for data that it cannot go on without, if an event would come too late. The
/// operations pages also ask every service this way. The service that owns the data answers in a transaction of its own.
/// Besides events, this is the only way from one service to another. How a question gets there, and its answer back, is
/// `Web`'s (`Asker`).
///
/// An answer may be lost, and then the question is asked again: it must be safe to repeat.
package struct Question<Asked: Codable & Sendable, Reply: Codable & Sendable>: Sendable {
    /// `people`, in the endpoint's path.
    package let name: String
    /// What is asked, in one line.
    package let about: String
    /// The maximum time for another process's answer, in seconds.
    package let seconds: Int

    package init(_ name: String, _ about: String, seconds: Int = 5) {
        self.name = name
        self.about = about
        self.seconds = seconds
    }
}
