import Contracts
import Directory
import Storage
import Values
import Web

/// Recovery codes: printed by somebody who can sign in, for the day when they can't.
extension IdentityCommands {
    /// Makes new codes; the earlier ones stop working. They are shown once and never stored.
    func makeCodes(of person: ID, _ act: CommandContext) throws -> [RecoveryCode] {
        let person = try locked(person, act)
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode(act.environment) }
        try act.transaction.send("DELETE FROM identity_recovery WHERE person = \(person.id)")
        try act.transaction.send(
            "INSERT INTO identity_recovery (hash, person, created_at) VALUES (?, ?, ?)",
            rows: codes.map { [sealing.recovery($0.text, person: person.id).stored, person.id.stored, act.now.stored] })
        try act.note(.codes, of: person.id)
        try announce(.codes, of: person.id, act)
        return codes
    }

    /// Uses a code up.
    /// - Returns: `false` if the person has no such code, or it was used.
    func useCode(_ code: RecoveryCode, of person: ID, _ act: CommandContext) throws -> Bool {
        let used = try act.transaction.change(
            """
            DELETE FROM identity_recovery
            WHERE hash = \(sealing.recovery(code.text, person: person)) AND person = \(person)
            """)
        guard used == 1 else { return false }
        try act.note(.codeUsed, of: person)
        try announce(.codeUsed, of: person, act)
        return true
    }
}
