import Directory
import Storage
import Synchronization
import Values
import Web

/// Does the slow part of everything with passwords before the endpoint's transaction (``Endpoint/before``). It reads
/// the stored hash in its own transaction, computes outside of any, and passes the result on in ``Call/prepared``.
final class PasswordWork: Sendable {
    let commands: IdentityCommands
    let hasher: PasswordHasher
    let throttle: Throttle
    let arrivals: Arrivals
    /// What asks the company's identity provider, if there is one.
    let provider: ProviderClient?
    private let database = Mutex<(any Database)?>(nil)

    init(commands: IdentityCommands, hasher: PasswordHasher) {
        self.commands = commands
        self.hasher = hasher
        throttle = Throttle(sealing: commands.sealing)
        arrivals = Arrivals(commands: commands, throttle: throttle)
        let http = commands.settings.http
        provider = commands.settings.company.map { ProviderClient($0.provider, send: http) }
    }

    /// Called before the first request, by the service's ``Service/prepare(_:_:)``.
    func open(_ database: any Database, _ environment: Environment) {
        self.database.withLock { $0 = database }
        provider?.open(environment)
    }

    private func store() throws -> any Database {
        guard let database = database.withLock({ $0 }) else {
            throw StorageError.unavailable("identity is not open yet")
        }
        return database
    }

    // MARK: Signing in

    /// The result of an attempt.
    enum Outcome: Sendable {
        /// `renewed`: a stronger hash of the same password, if the stored one was weak.
        case right(person: ID, checked: PasswordHash, renewed: PasswordHash?)
        case wrong
        /// Too many failures: seconds to wait.
        case wait(Int)
    }

    /// Tries a password, like ``attempt(_:email:password:)``, but returns only if it is right.
    /// - Throws: a 401 problem, or 429 if there were too many failures.
    func sign(_ call: Call, email: String, password: String) throws -> Call {
        let tried = try attempt(call, email: email, password: password)
        switch outcome(tried) {
        case .right: return tried
        case .wrong: throw PasswordWork.wrong
        case .wait(let seconds): throw PasswordWork.wait(seconds)
        }
    }

    static let wrong = Problem(401, "identity.wrong")

    static func wait(_ seconds: Int) -> Problem {
        Problem(429, "identity.wait", values: ["seconds": String(seconds)], retryAfter: seconds)
    }

    /// Tries a password. The time that it takes does not depend on whether the account exists.
    func attempt(_ call: Call, email: String, password: String) throws -> Call {
        let now = call.now
        let slots = throttle.slots(call, email: email)
        let long = password.unicodeScalars.count > PasswordRules.longest
        let (throttle, sealing) = (throttle, commands.sealing)
        let looked = try store().write { transaction -> (wait: Int?, person: ID?, stored: PasswordHash?) in
            let id = try PeopleQueries.id(email: email, in: transaction)
            if let wait = try throttle.begin(slots, person: id, now: now, in: transaction) { return (wait, nil, nil) }
            guard let id, let person = try Directory.person(id, in: transaction), person.active else {
                return (nil, nil, nil)
            }
            return (nil, id, try PeopleQueries.credential(id, sealing, in: transaction))
        }
        var call = call
        call.prepared[Outcome.self] = .wrong
        if let wait = looked.wait {
            call.prepared[Outcome.self] = .wait(wait)
            return call
        }
        let right = try hasher.verify(long ? "" : password, against: long ? nil : looked.stored)
        guard right, let person = looked.person, let stored = looked.stored else { return call }
        let renewed = hasher.shouldRenew(stored) ? try hasher.hash(password, call.environment) : nil
        call.prepared[Outcome.self] = .right(person: person, checked: stored, renewed: renewed)
        return call
    }

    func outcome(_ call: Call) -> Outcome { call.prepared[Outcome.self] ?? .wrong }

    /// The part of ``sign(_:email:password:)`` inside the transaction: takes the failure back, and begins the session.
    /// - Throws: a 401 problem if the password was changed, or the person deactivated, since it was checked; a 403
    ///   problem if the person needs a passkey too, which takes a browser.
    func signIn(_ call: Call, in transaction: any Transaction) throws -> Arrivals.Begun {
        let person = try known(call, in: transaction)
        guard !commands.wantsPasskey(person) else { throw Problem(403, "identity.second-step") }
        return try arrivals.begin(call, person, ways: [.password], in: transaction)
    }

    /// The person whose password was right; their row is locked.
    /// - Throws: a 401 problem if the password was changed, or the person deactivated, since it was checked.
    func known(_ call: Call, in transaction: any Transaction) throws -> Person {
        guard case .right(let id, let checked, let renewed) = outcome(call) else { throw PasswordWork.wrong }
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: id)
        let person = try commands.locked(id, act)
        guard person.active, try PeopleQueries.credential(id, commands.sealing, in: transaction) == checked
        else { throw PasswordWork.wrong }
        if let renewed { try commands.renew(checked, with: renewed, of: id, act) }
        return person
    }

    /// The part of ``present(_:_:)`` inside the transaction.
    /// - Throws: a 422 problem if the password was changed since it was checked.
    func confirm(_ call: Call, in transaction: any Transaction) throws {
        guard case .right(let person, let checked, let renewed) = outcome(call), person == call.caller?.id,
            try PeopleQueries.credential(person, commands.sealing, in: transaction) == checked
        else { throw Problem.invalid("present", "identity.present-wrong") }
        let act = CommandContext(call, transaction)
        let slots = throttle.slots(call, email: try call.person().email)
        try throttle.succeed(slots, person: person, now: act.now, in: transaction)
        if let renewed { try commands.renew(checked, with: renewed, of: person, act) }
    }

    // MARK: New passwords

    /// Checks the caller's present password. A failure counts like a failed sign-in.
    /// - Throws: a 422 problem, or 429 if there were too many failures.
    func present(_ call: Call, _ password: String) throws -> Call {
        let tried = try attempt(call, email: call.person().email, password: password)
        switch outcome(tried) {
        case .right: return tried
        case .wrong: throw Problem.invalid("present", "identity.present-wrong")
        case .wait(let seconds): throw PasswordWork.wait(seconds)
        }
    }

    /// Hashes a new password for a person.
    func newPassword(_ call: Call, _ password: String, for person: Person, field: String = "password") throws -> Call {
        var call = call
        let password = try commands.passwords.checked(password, of: person, field: field)
        call.prepared[PasswordHash.self] = try hasher.hash(password, call.environment)
        return call
    }

    /// Checks the caller's present password, then hashes the new one.
    func changedPassword(_ call: Call, present: String, new: String) throws -> Call {
        let person = try call.person()
        _ = try commands.passwords.checked(new, of: person, field: "new")
        return try newPassword(try self.present(call, present), new, for: person, field: "new")
    }

    /// The part of ``changedPassword(_:present:new:)`` inside the transaction; the session that asks stays.
    func storeChanged(_ call: Call, in transaction: any Transaction) throws {
        guard let hash = newHash(call) else { throw Problem.invalid("present", "identity.present-wrong") }
        try confirm(call, in: transaction)
        try commands.setPassword(
            hash, of: call.person().id, keeping: call.session, keepsCodes: true, CommandContext(call, transaction))
    }

    /// The hash that ``newPassword(_:_:for:field:)`` made.
    func newHash(_ call: Call) -> PasswordHash? { call.prepared[PasswordHash.self] }

    /// Writes in a transaction of its own, which stays whatever becomes of the endpoint's; for hooks that run before
    /// it.
    func keep<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        try store().write(body)
    }

    /// Reads outside of the endpoint's transaction; for hooks that run before it.
    func look<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        try store().read(body)
    }
}
