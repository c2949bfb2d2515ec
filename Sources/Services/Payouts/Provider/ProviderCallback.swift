/// A callback as it arrived.
package struct ProviderCallback: Sendable {
    package let path: String
    package let signature: String?
    package let body: [UInt8]

    package init(path: String, signature: String?, body: [UInt8]) {
        self.path = path
        self.signature = signature
        self.body = body
    }
}

package enum CallbackRefused: Error, Sendable {
    /// This provider sends no callbacks.
    case notExpected
    /// The signature is missing, wrong, or too old or too new.
    case unproved
    /// Signed, but not in the expected form.
    case unreadable
}
