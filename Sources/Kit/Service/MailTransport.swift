/// Sends mail: takes one message and returns the result. It blocks. It is called between two transactions, by one
/// thread at a time.
package protocol MailTransport: Sendable {
    /// The server that it sends letters to, for people to read: `smtp://mail.example.com:587`. Without credentials.
    var address: String { get }

    /// - Parameters:
    ///   - from: the envelope's sender.
    ///   - recipient: the envelope's only recipient.
    ///   - message: RFC 5322, lines ended by CR and LF.
    /// - Throws: if the program ends before the result is known.
    func send(from: String, to recipient: String, message: [UInt8]) throws -> Delivery
}
