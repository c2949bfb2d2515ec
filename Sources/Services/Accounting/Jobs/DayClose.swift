import Contracts
import Ledger
import Messaging
import Storage
import Values

/// The close of the business day (X26): moves the open day, closes every account for the old day in slices, then seals
/// that day. Each step is one transaction that reads the stored state and does the next thing, so a crash at any point,
/// or a second process that runs the same close, does no harm. An account on which something is booked in the meantime
/// is closed by that booking (``Booking/begin(on:at:lane:in:)``), and passed over here.
struct DayClose: Sendable {
    let journal: Journal
    let company: Company

    /// If the clock is more days than this past the open day, a person has to confirm it.
    static let trustedDays = 7
    static let slice = 1000

    /// Does the next step; `false` if there is none.
    func step(_ environment: Environment, in database: any Database) throws -> Bool {
        let due: Bool = try database.read { transaction in
            if try DayRecord.unsealed(in: transaction) != nil { return true }
            return try DayState.read(company.calendar, now: environment.now(), in: transaction).mayMove
        }
        guard due else { return false }
        return try database.write { transaction in
            if let record = try DayRecord.unsealed(in: transaction) {
                return try proceed(with: record.day, now: environment.now(), in: transaction)
            }
            return try begin(now: environment.now(), in: transaction)
        }
    }

    /// Opens the next day; this begins the close of the old one.
    private func begin(now: Instant, in transaction: any Transaction) throws -> Bool {
        let day = try OpenDay.locked(in: transaction)
        guard try DayRecord.unsealed(in: transaction) == nil,
            try DayState.read(company.calendar, now: now, in: transaction).mayMove
        else { return true }
        try OpenDay.move(to: day.next, in: transaction)
        try transaction.send(
            """
            INSERT INTO day_close (day, started_at, cursor, swept, complete, accounts, operations, payouts, paid)
            VALUES (\(day), \(now), \([UInt8]()), 0, 0, 0, 0, 0, 0)
            """)
        return true
    }

    /// Closes the next slice of accounts, or seals the day if all are closed.
    private func proceed(with day: Day, now: Instant, in transaction: any Transaction) throws -> Bool {
        let row = try transaction.fetchLocking(
            "SELECT cursor, complete, sealed_at FROM day_close WHERE day = \(day)"
        ).first
        guard let row, try row(2, as: Instant?.self) == nil else { return true }
        if try row(1) {
            try seal(day, now: now, in: transaction)
            return true
        }
        let cursor: [UInt8] = try row(0)
        let ids: [ID] = try transaction.fetch(
            "SELECT id FROM account WHERE id > \(cursor) ORDER BY id LIMIT \(DayClose.slice)"
        ).map { try $0(0) }
        if !ids.isEmpty {
            try Booking.closeEarlierDays(of: ids, at: now, lane: 0, to: journal, in: transaction)
        }
        try transaction.send(
            """
            UPDATE day_close SET cursor = \(ids.last?.bytes ?? cursor), swept = swept + \(ids.count),
            complete = \(ids.count < DayClose.slice) WHERE day = \(day)
            """)
        return true
    }

    private func seal(_ day: Day, now: Instant, in transaction: any Transaction) throws {
        let before = try DayRecord.of(day.previous, in: transaction)?.seal
        var seal = DaySeal(day: day, after: before)
        try transaction.forEach(
            "SELECT id, closed_hash, day FROM account WHERE opened_day <= \(day) ORDER BY id"
        ) { row in
            let standsOn: Day = try row(2)
            guard standsOn > day else {
                throw StorageError.failed(
                    "account \(try row(0, as: ID.self)) is still open on \(standsOn); \(day) cannot be sealed")
            }
            seal.add(account: try row(0), head: try row(1))
        }
        let fees = try Ledger.sums(of: Books.fees, from: day, through: day, in: transaction).first
        let rewards = try Ledger.sums(of: Books.rewards, from: day, through: day, in: transaction).first
        let paid = try Ledger.sums(of: Books.clearing, from: day, through: day, in: transaction).first
        let operations = (fees?.operations ?? 0) + (rewards?.operations ?? 0)
        let hash = seal.finish()
        try transaction.send(
            """
            UPDATE day_close SET accounts = \(seal.accounts), operations = \(operations),
            payouts = \(paid?.operations ?? 0), paid = \(paid?.credit ?? .zero), seal = \(hash), sealed_at = \(now)
            WHERE day = \(day)
            """)
        try journal.append(
            DaySealed(
                installation: company.installation, day: day, accounts: seal.accounts, operations: operations,
                seal: Hexadecimal.text(hash), time: now),
            id: CloseID.sealed(day), at: now, trace: CloseID.trace(day), in: transaction)
    }
}
