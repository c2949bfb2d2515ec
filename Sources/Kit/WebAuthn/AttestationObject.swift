/// What an authenticator answers when it has made a credential (WebAuthn §6.5.4). Its statement, a map or an array, is
/// not checked: nothing is trusted of it, and any format is taken.
package struct AttestationObject: Hashable, Sendable {
    /// How the statement is made: `none`, `packed` and others (§8.1).
    package let format: String
    package let authenticatorData: AuthenticatorData

    /// - Throws: ``WebAuthnError`` also if the format is `none` and there is a statement (§8.7).
    package init(_ bytes: [UInt8]) throws(WebAuthnError) {
        let value: CBOR
        do throws(CBOR.Fault) { value = try CBOR(bytes) } catch { throw .malformedAttestation(error) }
        guard value.members?.count == 3, case .text(let format)? = value[.text("fmt")],
            let statement = value[.text("attStmt")], let data = value[.text("authData")]?.content
        else { throw .attestationShape }
        guard format != "none" || statement == .map([]) else { throw .statementNotEmpty }
        switch statement {
        case .map, .array: break
        default: throw .attestationShape
        }
        self.format = format
        authenticatorData = try AuthenticatorData(data)
    }
}
