import Foundation
import Storage
import Values
import Web

/// Slows down the guessing of passwords, without a way to lock a person out: failures count against the pair of account
/// and network address, and against the address; never against the account alone. An address from which the person has
/// signed in before is not held up by what others do from it.
struct Throttle: Sendable {
    let sealing: Sealing

    /// What one attempt is counted under.
    struct Slots: Sendable {
        let pair: Int64
        let address: Int64
        let addressKey: [UInt8]
    }

    private static let forgetSeconds: Int64 = 86_400
    static let knownSeconds: Int64 = 180 * 86_400
    /// Failures of a pair before the first delay, and the longest delay, in seconds.
    private static let freeForPair = 4
    private static let longestForPair: Int64 = 900
    private static let freeForAddress = 20
    private static let longestForAddress: Int64 = 300

    func slots(emailKey: String, address: String) -> Slots {
        let network = Throttle.network(address)
        return Slots(
            pair: sealing.slot("pair \(network) \(emailKey)"), address: sealing.slot("address \(network)"),
            addressKey: sealing.addressKey(network))
    }

    /// Counts an attempt before its password is looked at, so that many at once are slowed down too; a success takes
    /// it back.
    /// - Returns: how many seconds to wait, where it may not be made; it is not counted then.
    func begin(_ slots: Slots, person: ID?, now: Instant, in transaction: any Transaction) throws -> Int? {
        let known =
            try person.map { try isKnown($0, slots, now: now, in: transaction) } ?? false
        var checked: [(slot: Int64, free: Int, longest: Int64)] = [
            (slots.pair, Throttle.freeForPair, Throttle.longestForPair)
        ]
        if !known { checked.append((slots.address, Throttle.freeForAddress, Throttle.longestForAddress)) }
        // In the order of slots: two attempts lock them in the same order.
        checked.sort { $0.slot < $1.slot }
        var states: [Int64: (failures: Int, until: Instant)] = [:]
        for check in checked {
            let row = try transaction.fetchLocking(
                "SELECT failures, wait_until, forget_at FROM identity_attempt WHERE slot = \(check.slot)"
            ).first
            guard let row, try now < row(2, as: Instant.self) else { continue }
            let until: Instant = try row(1)
            // A clock that went back must not make anybody wait longer than the longest delay.
            let wait = min(until.milliseconds - now.milliseconds, check.longest * 1000)
            if wait > 0 { return Int((wait + 999) / 1000) }
            states[check.slot] = (try row(0), until)
        }
        for check in checked {
            let failures = (states[check.slot]?.failures ?? 0) + 1
            let wait = Throttle.delay(after: failures, free: check.free, longest: check.longest)
            try transaction.send(
                """
                INSERT INTO identity_attempt (slot, failures, wait_until, forget_at)
                VALUES (\(check.slot), \(failures), \(now.adding(seconds: wait)),
                        \(now.adding(seconds: Throttle.forgetSeconds)))
                ON CONFLICT (slot) DO UPDATE SET failures = excluded.failures, wait_until = excluded.wait_until,
                    forget_at = excluded.forget_at
                """)
        }
        return nil
    }

    /// The password was right: the pair starts afresh, the address gets its attempt back and is known from now on.
    func succeed(_ slots: Slots, person: ID, now: Instant, in transaction: any Transaction) throws {
        let known = try isKnown(person, slots, now: now, in: transaction)
        try transaction.send("DELETE FROM identity_attempt WHERE slot = \(slots.pair)")
        if !known {
            try transaction.send(
                """
                UPDATE identity_attempt SET failures = failures - 1, wait_until = \(now)
                WHERE slot = \(slots.address) AND failures > 0
                """)
        }
        try transaction.send(
            """
            INSERT INTO identity_known_address (person, address, forget_at)
            VALUES (\(person), \(slots.addressKey), \(now.adding(seconds: Throttle.knownSeconds)))
            ON CONFLICT (person, address) DO UPDATE SET forget_at = excluded.forget_at
            """)
    }

    /// Forgets what is over, some rows at a time.
    /// - Returns: whether there may be more.
    static func purge(now: Instant, in transaction: any Transaction) throws -> Bool {
        let attempts = try transaction.change(
            """
            DELETE FROM identity_attempt WHERE slot IN
            (SELECT slot FROM identity_attempt WHERE forget_at <= \(now) ORDER BY forget_at LIMIT 500)
            """)
        let known = try transaction.change(
            """
            DELETE FROM identity_known_address WHERE (person, address) IN
            (SELECT person, address FROM identity_known_address WHERE forget_at <= \(now) ORDER BY forget_at LIMIT 500)
            """)
        return attempts == 500 || known == 500
    }

    private func isKnown(_ person: ID, _ slots: Slots, now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne(
            """
            SELECT person FROM identity_known_address
            WHERE person = \(person) AND address = \(slots.addressKey) AND forget_at > \(now)
            """) != nil
    }

    /// 1, 2, 4… seconds after the free ones.
    static func delay(after failures: Int, free: Int, longest: Int64) -> Int64 {
        guard failures > free else { return 0 }
        let doublings = min(failures - free - 1, 20)
        return min(Int64(1) << Int64(doublings), longest)
    }

    /// The address as failures are counted: a whole /64 of IPv6, which is one customer's.
    static func network(_ address: String) -> String {
        guard address.contains(":"), !address.contains(".") else { return address }
        let halves = address.split(separator: "%")[0].components(separatedBy: "::")
        let head = halves[0].split(separator: ":").map { String($0).lowercased() }
        let tail = halves.count > 1 ? halves[1].split(separator: ":").map { String($0).lowercased() } : []
        let zeros = halves.count > 1 ? max(0, 8 - head.count - tail.count) : 0
        let groups = head + Array(repeating: "0", count: zeros) + tail
        return groups.prefix(4).map { group in
            let trimmed = group.drop { $0 == "0" }
            return trimmed.isEmpty ? "0" : String(trimmed)
        }.joined(separator: ":")
    }
}
