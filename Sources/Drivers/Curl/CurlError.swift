/// A transfer failed: what libcurl says of it, and what the other side answered.
package struct CurlError: Error, Sendable, CustomStringConvertible {
    /// A `CURLcode`.
    package let code: Int
    package let message: String
    /// HTTP's status or the SMTP server's reply code; 0 if there was none.
    package let response: Int
    /// What the server said, line by line.
    package let lines: String

    package init(code: Int, message: String, response: Int = 0, lines: String = "") {
        self.code = code
        self.message = message
        self.response = response
        self.lines = lines
    }

    package var description: String { message }

    /// The program was told to stop and ended the transfer; what the other side did with it is unknown.
    package var isHalted: Bool { code == CurlError.halted }
    /// `CURLE_ABORTED_BY_CALLBACK`
    private static let halted = 42
}
