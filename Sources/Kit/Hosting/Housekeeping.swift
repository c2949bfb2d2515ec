import Directory
import ServiceKit
import Storage
import Values
import Web

extension ServiceHost {
    /// What the Kit's own tables need from time to time, in slices. Nothing is forgotten by a clock that may be wrong (X65).
    static func housekeeping(of service: any Service) -> [Job] {
        // The table of answers is there for those who ask for keys.
        service.endpoints.contains(where: \.idempotent) ? [forgetRevoked, forgetAnswers] : [forgetRevoked]
    }

    /// Ended sessions are kept only until their tokens would have expired by themselves.
    private static let forgetRevoked = Job("forget ended sessions", wakes: .every(600)) { database, environment in
        guard environment.mayLapse else { return .idle }
        let now = environment.now()
        let expired = try database.read { try Directory.hasExpired(before: now, in: $0) }
        guard expired else { return .idle }
        let forgotten = try database.write { try Directory.forgetRevoked(before: now, limit: 500, in: $0) }
        return forgotten == 500 ? .more : .idle
    }

    /// Answers to requests with an `Idempotency-Key` are kept for seven days.
    private static let forgetAnswers = Job("forget answers", wakes: .every(600)) { database, environment in
        guard environment.mayLapse else { return .idle }
        let now = environment.now()
        guard try database.read({ try Idempotency.hasOld(in: $0, now: now) }) else { return .idle }
        return try database.write { try Idempotency.purge(in: $0, now: now) } ? .more : .idle
    }
}
