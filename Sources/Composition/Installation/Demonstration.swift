import Foundation
import Synchronization
import Values
import Web

/// A demonstration company: ten people with all roles and four past days of work, made with the real commands under a
/// clock that is stepped from morning to midnight, including the day closes. A seed decides who does what, so the story
/// is the same each time. Secrets and keys do not come from the seed, so the prices differ.
package enum Demonstration {
    package static let password = "popug-demo-2026"

    private static let people: [(name: String, email: String, roles: [String])] = [
        ("Ada Admin", "ada@popug.example", ["admin"]),
        ("Mia Manager", "mia@popug.example", ["manager"]),
        ("Abe Accountant", "abe@popug.example", ["accountant"]),
        ("Boris Boss", "boris@popug.example", ["boss"]),
        ("Emma Ekström", "emma@popug.example", ["employee"]),
        ("Émile Durand", "emile@popug.example", ["employee"]),
        ("Елена Попугаева", "elena@popug.example", ["employee"]),
        ("Kenji Sato", "kenji@popug.example", ["employee"]),
        ("Lucía Romero", "lucia@popug.example", ["employee", "accountant"]),
        ("Oskar Nowak", "oskar@popug.example", ["employee"]),
    ]

    /// Where some of them have their money sent: well-known test numbers.
    private static let destinations = [
        "4111 1111 1111 1111", "5555 5555 5555 4444", "DE89 3704 0044 0532 0130 00", "4012 8888 8888 1881",
        "GB29 NWBK 6016 1331 9268 19", "FR14 2004 1010 0505 0001 3M02 606", "4000 0566 5566 5556",
        "ES91 2100 0418 4502 0005 1332",
    ]

    /// Makes the installation in a new folder and says how to sign in.
    /// - Throws: ``Failure`` if the folder holds an installation already.
    package static func make(in folder: String) async throws {
        let live = Environment.live()
        try DataFolder.create(
            folder,
            settings: [
                "company": "Popug Inc.", "currency": "EUR", "time-zone": "Europe/Berlin", "closing-hour": "0",
                "public-address": "http://localhost:8080", "demonstration": "on",
            ], environment: live)
        try fill(try await Settings(folder: folder, flags: [:]), live)
        Terminal.say("A demonstration company is in \(folder). Everyone's password is \(password)")
        for person in people {
            Terminal.say(
                "  \(person.email.padding(toLength: 22, withPad: " ", startingAt: 0)) \(person.roles.joined(separator: ", "))"
            )
        }
    }

    private static func fill(_ settings: Settings, _ live: Environment) throws {
        let company = try settings.company()
        let today = company.calendar.day(of: live.now())
        let clock = PastClock(company.calendar.end(of: today.adding(days: -5)).adding(seconds: 8 * 3600), live)
        let installation = try Installation(settings, environment: clock.environment, quickPasswords: true)
        defer { installation.close() }
        // The installation has drawn its keys by now.
        clock.beginStory()
        var story = Story(exchange: installation.exchange, clock: clock)
        try story.hire(people)
        try story.setDestinations(destinations)
        let bar = ProgressBar("Making a few days of work")
        for day in -4...0 {
            bar.show(Int64(day + 4), of: 5)
            let morning = company.calendar.end(of: today.adding(days: day - 1)).adding(seconds: 8 * 3600)
            if morning > live.now() { break }
            clock.set(max(morning, clock.now))
            try story.workDay(day + 4, until: min(morning.adding(seconds: 9 * 3600), live.now()))
        }
        clock.set(live.now())
        try installation.exchange.settle()
        bar.show(5, of: 5)
        bar.end()
    }

    /// The live environment with its clock set back.
    private final class PastClock: Sendable {
        private let time: Mutex<Instant>
        private let live: Environment
        private let ids = IDSource()
        private let dice = Mutex<Dice?>(nil)

        init(_ start: Instant, _ live: Environment) {
            time = Mutex(start)
            self.live = live
        }

        var now: Instant { time.withLock { $0 } }
        func set(_ instant: Instant) { time.withLock { $0 = instant } }
        func advance(seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }

        /// From now on, random numbers come from the seed.
        func beginStory() { dice.withLock { $0 = Dice(state: 2_026) } }
        private func random() -> UInt64 { dice.withLock { $0?.next() } ?? live.random() }

        var environment: Environment {
            var environment = live
            environment.now = { self.now }
            environment.random = { self.random() }
            environment.newID = { self.ids.next(now: self.now, random: self.live.random) }
            return environment
        }
    }

    /// Sebastiano Vigna's splitmix64.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Who does what, through the same endpoints that pages and programs use.
    private struct Story {
        let exchange: Exchange
        let clock: PastClock
        var ids: [(id: ID, roles: [String])] = []
        private var dice = Dice(state: 1_234)
        private var titles: [String]

        init(exchange: Exchange, clock: PastClock) {
            self.exchange = exchange
            self.clock = clock
            titles = DemonstrationTitles.all.shuffled(using: &dice)
        }

        mutating func hire(_ people: [(name: String, email: String, roles: [String])]) throws {
            let first = people[0]
            let admin = try exchange.createFirstAdmin(name: first.name, email: first.email, password: password)
            ids.append((admin, first.roles))
            for person in people.dropFirst() {
                clock.advance(seconds: 60)
                let answer = try exchange.act(
                    "POST", "/api/people",
                    [
                        "name": .text(person.name), "email": .text(person.email),
                        "roles": .list(person.roles.map { .text($0) }), "password": .text(password),
                    ], as: admin)
                if let id = answer["id"].text.flatMap({ ID($0) }) { ids.append((id, person.roles)) }
            }
            try exchange.settle()
        }

        /// Everybody but the boss and the newest employee, who keep their colleagues waiting.
        func setDestinations(_ numbers: [String]) throws {
            let payable = ids.dropLast().filter { !$0.roles.contains("boss") }
            for (person, number) in zip(payable, numbers) {
                try exchange.act("PUT", "/api/accounts/me/destination", ["number": .text(number)], as: person.id)
            }
            try exchange.settle()
        }

        mutating func workDay(_ number: Int, until end: Instant) throws {
            let pause = max(60, (end.seconds - clock.now.seconds) / 16)
            for turn in 0..<14 where clock.now < end {
                let creator = ids[Int.random(in: 0..<ids.count, using: &dice)].id
                if let title = titles.popLast() {
                    try exchange.act("POST", "/api/tasks", ["title": .text(title)], as: creator)
                }
                clock.advance(seconds: pause / 2)
                if turn % 2 == 1 || number == 0 { try completeOne() }
                if number == 2, turn == 9 { try exchange.act("POST", "/api/reassignments", [:], as: ids[1].id) }
                try exchange.settle()
                clock.advance(seconds: pause / 2)
            }
        }

        /// Somebody completes the first open task that is assigned to them.
        private mutating func completeOne() throws {
            for person in ids.shuffled(using: &dice)
            where !person.roles.contains("admin") && !person.roles.contains("manager") {
                let page = try exchange.act(
                    "GET", "/api/tasks?status=open&limit=1&assignee=\(person.id)", as: person.id)
                guard let task = page["items"].list.first?["id"].text else { continue }
                try exchange.act("POST", "/api/tasks/\(task)/completion", as: person.id)
                return
            }
        }
    }
}
