import Directory
import Storage
import Values
import Web
import WebAuthn

/// Checks passkeys and recovery codes before the endpoint's transaction (``Endpoint/before``), in a transaction of its
/// own. That one commits even if the answer is a refusal: a failure must count, and an alarm must be written.
struct PasskeyWork: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    /// The result of an attempt.
    private enum Outcome: Sendable {
        case passkey(of: ID)
        case code(RecoveryCode, of: ID)
        case wrong
        /// Too many failures: seconds to wait.
        case wait(Int)
    }

    static let wrong = Problem(401, "identity.passkey-wrong")
    static let wrongCode = Problem(401, "identity.code-wrong")

    // MARK: Passkeys

    /// Takes a passkey, from the field `response`. It counts as an attempt to sign in, like a password.
    /// - Parameters:
    ///   - person: whose passkey was asked for; `nil` if nobody has been named.
    ///   - bound: what the challenge is bound to.
    /// - Throws: a 401 problem, the same for everything that can be wrong, or 429 if there were too many failures.
    func take(_ call: Call, of person: ID? = nil, bound: [UInt8] = []) throws -> Call {
        let answer = try? AssertionResponse(Array(call.field("response").utf8))
        let outcome = try desk.keep { transaction in
            try attempt(answer, of: person, bound: bound, call, in: transaction)
        }
        return try passed(call, outcome, PasskeyWork.wrong)
    }

    private func attempt(
        _ answer: AssertionResponse?, of known: ID?, bound: [UInt8], _ call: Call, in transaction: any Transaction
    ) throws -> Outcome {
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: nil)
        let sealing = commands.sealing
        func stored() throws -> Passkey? {
            try answer.flatMap { try PasskeyQueries.find(credential: $0.rawID, sealing, in: transaction) }
        }
        // As everywhere, the person's row is locked before the slots.
        let person = try (known ?? stored()?.person).flatMap { id in
            try Directory.person(id, in: transaction) == nil ? nil : commands.locked(id, act)
        }
        let slots = desk.throttle.slots(call, email: person?.email ?? "")
        if let wait = try desk.throttle.begin(slots, person: person?.id, now: act.now, in: transaction) {
            return .wait(wait)
        }
        // Read again, now that nobody else can change it.
        guard let answer, let person, person.active, let passkey = try stored(), passkey.person == person.id,
            try commands.accepts(answer, of: passkey, isNamed: known != nil, bound: bound, act)
        else { return .wrong }
        return .passkey(of: person.id)
    }

    /// The person whose passkey ``take(_:of:bound:)`` found right; their row is locked.
    /// - Throws: a 401 problem if the person was deactivated since.
    func owner(_ call: Call, in transaction: any Transaction) throws -> Person {
        guard case .passkey(let id)? = call.prepared[Outcome.self] else { throw PasskeyWork.wrong }
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: id)
        let person = try commands.locked(id, act)
        guard person.active else { throw PasskeyWork.wrong }
        return person
    }

    // MARK: Recovery codes

    /// Looks for a recovery code, from the field `code`. It counts as an attempt to sign in.
    /// - Throws: a 401 problem, or 429 if there were too many failures.
    func takeCode(_ call: Call, email: String) throws -> Call {
        let code = RecoveryCode(typed: call.field("code"))
        let (commands, throttle) = (commands, desk.throttle)
        let (slots, now) = (throttle.slots(call, email: email), call.now)
        let outcome = try desk.keep { transaction -> Outcome in
            let id = try PeopleQueries.id(email: email, in: transaction)
            if let wait = try throttle.begin(slots, person: id, now: now, in: transaction) { return .wait(wait) }
            guard let id, let code, let person = try Directory.person(id, in: transaction), person.active,
                try PasskeyQueries.has(code, of: id, commands.sealing, in: transaction)
            else { return .wrong }
            return .code(code, of: id)
        }
        return try passed(call, outcome, PasskeyWork.wrongCode)
    }

    /// The person whose code ``takeCode(_:email:)`` found; their row is locked.
    /// - Parameter mayUse: whether the code signs this person in; throws a problem if not.
    /// - Throws: a 401 problem if the code was used, or the person deactivated, since.
    func codeOwner(
        _ call: Call, in transaction: any Transaction, mayUse: (Person) throws -> Void
    ) throws -> Person {
        guard case .code(let code, let id)? = call.prepared[Outcome.self] else { throw PasskeyWork.wrongCode }
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: id)
        let person = try commands.locked(id, act)
        guard person.active else { throw PasskeyWork.wrongCode }
        try mayUse(person)
        guard try commands.useCode(code, of: id, act) else { throw PasskeyWork.wrongCode }
        return person
    }

    private func passed(_ call: Call, _ outcome: Outcome, _ wrong: Problem) throws -> Call {
        switch outcome {
        case .passkey, .code:
            var call = call
            call.prepared[Outcome.self] = outcome
            return call
        case .wrong: throw wrong
        case .wait(let seconds): throw PasswordWork.wait(seconds)
        }
    }
}
