import Contracts
import Directory
import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

/// Mailer: letters to people, and their delivery (X27, X66).
///
/// - Owns: letters, the attempts to send them, whether letters may be sent.
/// - Listens to: Identity's people, changes of access and links that were asked for, Tracker's assignments, Accounting's operations and closes,
///   Payouts' destinations.
/// - Publishes: `letter-repeated`, `letters-released`.
/// - Asks: Identity for the link of a letter that is about to be sent (S8).
/// - Serves: letters, sending one again, releasing those that are held after a restore.
/// - Schedules: gathering assignments into letters, sending, dropping the text of old letters.
package struct MailerService: ServiceModule {
    package static let name = "mailer"
    package static let settings = MailerSettings()
    package static let deployment = Deployment(reachesOut: true)
    package static let publishes: [any Contract.Type] = [LetterRepeated.self, LettersReleased.self]
    package let journal: Journal
    package let migrations = MailerSchema.migrations
    let company: Company
    let settings: MailSettings
    let environment: Environment
    let writer: LetterWriter
    let links: LinkMaker

    package init(_ parts: ServiceParts) throws {
        try self.init(parts, settings: try MailSettings(parts))
    }

    /// Uses the given settings and transport, such as the simulator's.
    package init(_ parts: ServiceParts, settings: MailSettings) throws {
        try self.init(
            company: parts.company, settings: settings, codes: parts.codes, environment: parts.environment,
            asker: parts.asker)
    }

    /// - Parameter asker: reaches Identity, which makes the links in letters; `nil` reaches nobody.
    /// - Throws: if a template or a catalogue of the letters cannot be read.
    package init(
        company: Company, settings: MailSettings, codes: EventCodes, environment: Environment,
        asker: (any Asker)? = nil
    ) throws {
        journal = Journal(topic: .mailer, codes: codes)
        self.company = company
        self.settings = settings
        self.environment = environment
        links = LinkMaker(asker: asker)
        writer = try LetterWriter(company: company, from: settings.from)
    }

    package func prepare(_ database: any Database, _ environment: Environment) throws {
        let now = environment.now()
        let sends = settings.transport != nil
        try database.write { try Outbox.prepare(sends: sends, at: now, in: $0) }
    }

    /// Without a hold, people who got a letter after the backup would get it a second time.
    package func restored(in transaction: any Transaction, at now: Instant) throws {
        try Outbox.hold(at: now, in: transaction)
    }

    /// Letters that wait or could not be sent. The others only grow in number.
    package func gauges(in transaction: any Transaction) throws -> [Gauge] {
        var gauges = try [Letter.State.waiting, .refused, .givenUp].map { state in
            let count: Int64? = try transaction.value("SELECT COUNT(*) FROM letter WHERE state = \(state.rawValue)")
            return Gauge(
                "popug_letters", "Letters that wait or could not be sent", labels: [("state", state.rawValue)],
                value: Double(count ?? 0))
        }
        let outbox = try Outbox.read(in: transaction)
        gauges.append(
            Gauge("popug_letters_held", "1 while letters are held", value: outbox.heldAt == nil ? 0 : 1))
        gauges.append(
            Gauge("popug_mail_server_away", "1 while the mail server is away", value: outbox.awaySince == nil ? 0 : 1))
        return gauges
    }

    package var reactions: [Reaction] {
        let queue = LetterQueue(language: settings.language, now: environment.now)
        let accounts = NewAccounts(queue: queue)
        let assignments = Assignments(now: environment.now)
        let days = DayLetters(queue: queue)
        let warnings = Warnings(queue: queue)
        let links = SignInLinks(queue: queue)
        return Directory.reactions() + [
            Reaction(toMany: NewAccounts.events, of: .identity) { try accounts.apply($0, in: $1) },
            Reaction(toMany: Assignments.events, of: .tracker) { try assignments.apply($0, in: $1) },
            Reaction(toMany: DayLetters.events, of: .accounting) { try days.apply($0, in: $1) },
            Reaction(toMany: Warnings.access, of: .identity) { try warnings.applyAccess($0, in: $1) },
            Reaction(toMany: SignInLinks.events, of: .identity) { try links.apply($0, in: $1) },
            Reaction(toMany: Warnings.destinations, of: .payouts) { try warnings.applyDestinations($0, in: $1) },
        ]
    }

    package var endpoints: [Endpoint] {
        let sendAgain = SendAgain(transport: settings.transport, journal: journal)
        let releaseHold = ReleaseHold(journal: journal, installation: company.installation)
        let test = TestLetter(settings: settings, writer: writer)
        return MailerAPI(
            settings: settings, writer: writer, sendAgain: sendAgain, releaseHold: releaseHold, test: test
        ).endpoints
            + LetterPages(settings: settings, writer: writer, sendAgain: sendAgain).endpoints
            + OutboxPages(settings: settings, releaseHold: releaseHold, test: test).endpoints
    }

    package var pages: PageSet { MailerTexts.pages }

    package var navigation: [NavigationItem] {
        [
            NavigationItem(
                title: "mailer.letters", path: "/letters", access: Rights.letters, order: 345,
                count: "/mailer/fragments/undelivered")
        ]
    }

    package var jobs: [Job] {
        let gathering = AssignmentDigest(queue: LetterQueue(language: settings.language, now: environment.now))
        let forgetting = Forgetting(keepDays: settings.keepDays)
        var jobs = [
            Job("gather assignments", wakes: .commits(orEvery: 5)) { database, environment in
                try gathering.step(environment, in: database) ? .more : .idle
            },
            Job("forget old letters", wakes: .every(600)) { database, environment in
                try forgetting.step(environment, in: database) ? .more : .idle
            },
        ]
        if let transport = settings.transport {
            let sending = Sending(transport: transport, writer: writer, links: links)
            jobs.append(
                Job("send letters", wakes: .commits(orEvery: 1)) { database, environment in
                    try sending.step(environment, in: database) ? .more : .idle
                })
        }
        return jobs
    }

    package var checks: [Check] { [LetterCheck.check, AssignmentCheck.check, QueueCheck.check] }
}
