import Directory
import Storage
import Values
import Web

/// The second step of people whose roles need a passkey beside a password, a link or the company's account. No session
/// begins before it: what carries on is a ticket in the page's form.
struct SecondStep: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    /// The first step, as the form brings it back.
    struct First: Sendable {
        let ticket: Ticket
        let way: Way
        /// As it stands in the form.
        let text: String
        var person: ID { ticket.person }
        /// What challenges of this page are bound to.
        var bound: [UInt8] { ticket.id.bytes }
    }

    static let late = Problem(401, "identity.second-late")

    /// What follows the first step: the page that asks for the second, or the session, if the person needs none.
    /// - Parameters:
    ///   - way: how they have just proved who they are.
    ///   - next: where they want to go.
    func enter(
        _ person: Person, by way: Way, next: String, _ call: Call, in transaction: any Transaction
    ) throws -> Answer {
        try answer(for: person, after: way, next: next, call, in: transaction)
            ?? desk.arrivals.enter(call, person, ways: [way], next: next, in: transaction)
    }

    /// The page that asks for the second step; `nil` if the person needs none, and a session can begin.
    private func answer(
        for person: Person, after way: Way, next: String, _ call: Call, in transaction: any Transaction
    ) throws -> Answer? {
        guard commands.wantsPasskey(person) else { return nil }
        if way == .password {
            let slots = desk.throttle.slots(call, email: person.email)
            try desk.throttle.takeBack(slots, person: person.id, now: call.now, in: transaction)
        }
        let bound = try bound(way, person.id, in: transaction)
        let bytes = try commands.ticket(
            .secondStep, for: person.id, bound: bound, call.environment, in: transaction)
        guard let ticket = Ticket(claimedBy: bytes) else { throw SecondStep.late }
        let first = First(ticket: ticket, way: way, text: Base64URL.encode(bytes))
        return try page(first, next: next, call, in: transaction)
    }

    /// The first step that a form's fields `ticket` and `way` prove. Reads only.
    /// - Throws: a 401 problem if it was too long ago, was used, or no longer holds: the password was changed, the
    ///   address, or the company account.
    func first(_ call: Call, in transaction: any Transaction) throws -> First {
        let text = call.field("ticket")
        guard let way = Way(rawValue: call.field("way")), [.password, .link, .company].contains(way),
            let bytes = Base64URL.decode(text),
            let ticket = try commands.open(
                bytes, .secondStep, at: call.now, in: transaction, bound: { try bound(way, $0, in: transaction) })
        else { throw SecondStep.late }
        return First(ticket: ticket, way: way, text: text)
    }

    /// The session, after both steps. The first one is used up.
    /// - Parameter person: their row is locked.
    func begin(
        _ first: First, _ person: Person, then way: Way, _ call: Call, in transaction: any Transaction
    ) throws -> Answer {
        let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: person.id)
        guard person.id == first.person, try commands.spend(first.ticket, act) else { throw SecondStep.late }
        return try desk.arrivals.enter(call, person, ways: [first.way, way], next: call.field("next"), in: transaction)
    }

    /// The page, with a new challenge. Whoever has no passkey yet makes the first one here.
    func page(
        _ first: First, next: String, _ call: Call, in transaction: any Transaction
    ) throws -> Answer {
        let person = try PeopleQueries.person(first.person, in: transaction)
        let makes = try !PasskeyQueries.has(person.id, in: transaction)
        let options =
            makes
            ? try commands.creationOptions(for: person, bound: first.bound, call.environment, in: transaction)
            : try commands.requestOptions(for: person.id, bound: first.bound, call.environment, in: transaction)
        return .page(
            "identity/second", title: "identity.second",
            [
                "ticket": .text(first.text), "way": .text(first.way.rawValue),
                "next": .text(Preferences.localPath(next)), "options": .text(options), "makes": .flag(makes),
                "uses": .flag(!makes && !options.isEmpty), "stuck": .flag(!makes && options.isEmpty),
                "typedName": .text(PasskeyPages.name(call)),
                "email": .text(MailAddress.shown(person.email)),
            ])
    }

    /// What must be the same at the second step as at the first.
    private func bound(_ way: Way, _ person: ID, in transaction: any Transaction) throws -> [UInt8] {
        let proof: [UInt8]? =
            switch way {
            case .password: try PeopleQueries.credential(person, commands.sealing, in: transaction)?.packed
            case .company:
                try CompanyQueries.of(person, commands.sealing, in: transaction).filter(\.isOurs).flatMap(\.id.bytes)
            default: try Directory.person(person, in: transaction).map(IdentityCommands.bound)
            }
        return Array("\(way.rawValue):".utf8) + (proof ?? [])
    }
}
