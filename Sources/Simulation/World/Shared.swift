import Composition
import Foundation
import Schemas
import ServiceKit
import Storage
import Synchronization
import Values

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
            try services().map { service in
                (
                    service.name,
                    (service.migrations, KitSchema.migrations(service.journal, audited: service.audited.names))
                )
            },
            uniquingKeysWith: { $1 })
        known.withLock { $0 = made }
        return made
    }
}
