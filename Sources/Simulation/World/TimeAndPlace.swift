import Composition
import Foundation
import Hosting
import ServiceKit
import Messaging
import Payouts
import Storage
import Synchronization
import Values

/// Where and when a run takes place.
enum TimeAndPlace {
    /// Either side of the date line, half-hour zones, and a clock change of half an hour.
    private static let zones = [
        "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe",
        "Asia/Kolkata", "UTC",
    ]

    /// Ordinary days; both clock changes in both hemispheres; leap days; the turn of a year.
    private static let days = [
        "2026-03-02", "2026-03-28", "2026-10-24", "2026-03-07", "2026-04-04", "2028-02-28", "2026-12-30", "2027-02-27",
    ]

    static func company(_ dice: inout Dice) -> Company {
        let zone = dice.pick(zones) ?? "UTC"
        guard let calendar = BusinessCalendar(zone: zone, closingHour: [0, 0, 18][dice.below(3)]) else {
            preconditionFailure("no such time zone: \(zone)")
        }
        return Company(
            installation: ID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), name: "Popug Inc.",
            currency: "EUR", calendar: calendar, publicAddress: "http://localhost:8080")
    }

    static func start(_ dice: inout Dice) -> Instant {
        let day = dice.pick(days).flatMap { Day($0) } ?? Day(number: 20_500)
        return Instant(seconds: Int64(day.number) * 86_400 + Int64(dice.below(86_400)))
    }
}

/// What runs of a process have in common.
enum Shared {
    private static let made = Mutex<[String: Exchange.Compiled]>([:])

    /// One for each time zone: pages name the zone, and a run must not show another run's.
    static func compiled(_ parts: Exchange.Parts) throws -> Exchange.Compiled {
        let zone = parts.company.calendar.zone.identifier
        if let known = made.withLock({ $0[zone] }) { return known }
        let compiled = try Exchange.Compiled(parts)
        made.withLock { $0[zone] = compiled }
        return compiled
    }

    /// A service's own steps, and the Kit's.
    typealias Steps = (own: [Migration], kit: [Migration])
    private static let known = Mutex<[String: Steps]>([:])

    /// The steps of each service's schema.
    static func steps(of services: () throws -> [any Service]) throws -> [String: Steps] {
        let all = known.withLock { $0 }
        guard all.isEmpty else { return all }
        let made = Dictionary(
            try services().map { ($0.name, ($0.migrations, KitSchema.migrations($0.journal))) },
            uniquingKeysWith: { $1 })
        known.withLock { $0 = made }
        return made
    }
}

/// What is broken in the product during a run: the switches with which the simulator itself is tested. The real product
/// has none of them.
package struct Variant: Sendable {
    package var service: @Sendable (any Service) -> any Service = { $0 }
    package var database: @Sendable (any Database) -> any Database = { $0 }
    package var log: @Sendable (any EventLog) -> any EventLog = { $0 }
    package var provider: @Sendable (SimulatedBank) -> any PaymentProvider = { $0 }

    package init() {}
}

/// The inputs of a run: everything that happens in it follows from them.
package struct RunPlan: Sendable {
    package var seed: UInt64
    /// How many steps at most; drawn from the seed if it is not given.
    package var steps: Int?
    package var withoutFaults: Set<Fault> = []
    package var withoutActions: Set<Action> = []
    /// The place at which the program dies: the index among all places at which it may.
    package var crashAt: Int?
    /// Hours from one step to the next, on average; drawn if it is not given.
    package var hours: Int?
    /// How many processes the program has; drawn if it is not given.
    package var processes: Int?
    /// How many employees the company begins with, besides an admin, a manager and an accountant; drawn if it is not
    /// given.
    package var employees: Int?
    /// Whether every statement, call and answer goes into the digest.
    package var digests = false
    /// Whether the result names each place at which the program may die.
    package var namesPlaces = false
    /// A file in which all of this is written down.
    package var trace: String?
    package var variant = Variant()
    /// The state from which the run starts; if it is not given, the run makes its own.
    var beginning: Beginning?

    package init(seed: UInt64) {
        self.seed = seed
    }

    /// The command that repeats this run.
    package var command: String { "popug-dev simulate \(options)" }

    /// The options with which the command repeats this run.
    package var options: String {
        var words = ["--seed \(seed)"]
        if let steps { words.append("--steps \(steps)") }
        if let hours { words.append("--hours \(hours)") }
        if let processes { words.append("--processes \(processes)") }
        if let employees { words.append("--employees \(employees)") }
        if let crashAt { words.append("--crash-at \(crashAt)") }
        if !withoutFaults.isEmpty {
            words.append("--without-faults " + withoutFaults.map(\.name).sorted().joined(separator: ","))
        }
        if !withoutActions.isEmpty {
            words.append("--without-actions " + withoutActions.map(\.rawValue).sorted().joined(separator: ","))
        }
        return words.joined(separator: " ")
    }
}

/// Something that must not happen, in the auditor's words.
package struct Finding: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
