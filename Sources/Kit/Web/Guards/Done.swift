/// The result of a transaction.
struct Done: Sendable {
    var answer: Answer?
    /// The stored answer, or one that was made in the transaction in order to be stored.
    var response: WebResponse?
    var caller: Caller
}
