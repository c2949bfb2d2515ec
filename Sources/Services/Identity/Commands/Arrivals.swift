import Contracts
import Directory
import Storage
import Values
import Web

/// The end of every way to sign in: begins the session, remembers the browser, and tells the person of a new device.
struct Arrivals: Sendable {
    let commands: IdentityCommands
    let throttle: Throttle

    /// A session with its cookies: the session's own, for a page, and the one that the browser is recognized by.
    struct Begun: Sendable {
        let session: NewSession
        let browser: Cookie
        let ways: [Way]

        func cookies(now: Instant) -> [Cookie] {
            let last = Cookie(
                name: Arrivals.wayCookie, value: ways.first?.rawValue ?? "", maxAge: Int(Throttle.knownSeconds))
            return [browser, last, session.cookie(now: now)]
        }
    }

    /// Begins the session as ``begin(_:_:ways:in:)``, and goes on to the page that the person wants.
    func enter(
        _ call: Call, _ person: Person, ways: [Way], next: String, in transaction: any Transaction
    ) throws -> Answer {
        var answer = Answer.redirect(to: Preferences.localPath(next))
        answer.cookies = try begin(call, person, ways: ways, in: transaction).cookies(now: call.now)
        return answer
    }

    /// How this browser signed in last: the sign-in page offers that first.
    static let wayCookie = "popug_way"

    /// - Parameters:
    ///   - person: who has proved who they are; their row is locked.
    ///   - ways: how.
    func begin(
        _ call: Call, _ person: Person, ways: [Way], in transaction: any Transaction
    ) throws -> Begun {
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: person.id)
        let slots = throttle.slots(call, email: person.email)
        let isNew = try throttle.isNewDevice(slots, person: person.id, now: act.now, in: transaction)
        try throttle.succeed(slots, person: person.id, now: act.now, in: transaction)
        let session = try commands.beginSession(
            of: person.id, address: call.address, agent: call.agent, ways: ways, act)
        if isNew {
            let device = [DeviceName.of(call.agent), call.address].filter { !$0.isEmpty }.joined(separator: " · ")
            try commands.announce(.signIn, of: person.id, after: device, act)
        }
        return Begun(
            session: session, browser: throttle.cookie(slots, person: person.id, session: session.id), ways: ways)
    }
}
