import Storage
import Values
import Web

/// Slows down the guessing of passwords, and never locks a person out from where they usually sign in. Failures count
/// against:
/// - the browser, if its cookie shows that the person has signed in with it before. What others do never delays this
///   browser, even if they share its address;
/// - otherwise the pair of account and network address, and the address; never the account alone. If the person has
///   signed in from the address before, the address does not count, and the pair allows as many failures as an address
///   does, since many people may share one.
struct Throttle: Sendable {
    let sealing: Sealing

    /// The slots that one attempt counts against.
    struct Slots: Sendable {
        let pair: Int64
        let address: Int64
        let addressKey: [UInt8]
        /// The values in the browser's cookie, one for each person who has signed in with it. They are not verified
        /// yet.
        let browsers: [String]
    }

    /// Failures before the first delay, and the longest delay, in seconds.
    private struct Patience {
        let free: Int
        let longest: Int64
        static let one = Patience(free: 4, longest: 900)
        static let many = Patience(free: 20, longest: 300)
    }

    private static let browserCookie = "popug_browser"
    /// How many people are remembered for one browser.
    private static let mostOnBrowser = 8
    private static let forgetSeconds: Int64 = 86_400
    static let knownSeconds: Int64 = 180 * 86_400

    func slots(_ call: Call, email: String) -> Slots {
        let emailKey = MailAddress.key(email.beginning(300))
        let network = Throttle.network(call)
        let cookie = call.cookie(named: Throttle.browserCookie) ?? ""
        return Slots(
            pair: sealing.slot("pair \(network) \(emailKey)"), address: sealing.slot("address \(network)"),
            addressKey: sealing.addressKey(network),
            browsers: cookie.utf8.split(separator: UInt8(ascii: ".")).prefix(Throttle.mostOnBrowser)
                .map { String(decoding: $0, as: UTF8.self) })
    }

    /// Counts an attempt before its password is checked, so that many attempts at once are slowed down too. A success
    /// takes it back.
    /// - Returns: how many seconds to wait, if the attempt is not allowed; then it is not counted.
    func begin(_ slots: Slots, person: ID?, now: Instant, in transaction: any Transaction) throws -> Int? {
        try count(counted(slots, person: person, now: now, in: transaction), now: now, in: transaction)
    }

    /// Counts a letter with a link that somebody asks for: against the mail address, so that nobody's mailbox is filled,
    /// and against the network address. It delays no sign-in.
    /// - Returns: how many seconds to wait, if it is not allowed.
    func beginLink(_ call: Call, email: String, now: Instant, in transaction: any Transaction) throws -> Int? {
        let network = Throttle.network(call)
        let counted = [
            (slot: sealing.slot("link \(MailAddress.key(email.beginning(300)))"), patience: Patience.one),
            (slot: sealing.slot("links from \(network)"), patience: Patience.many),
        ]
        return try count(counted, now: now, in: transaction)
    }

    private static func network(_ call: Call) -> String {
        NetworkAddress(call.address)?.subscriber ?? call.address
    }

    private func count(
        _ counted: [(slot: Int64, patience: Patience)], now: Instant, in transaction: any Transaction
    ) throws -> Int? {
        // Sorted by slot, so that two attempts lock slots in the same order.
        let checked = counted.sorted { $0.slot < $1.slot }
        // So that there is a row to lock: without one, attempts at once would count as one. What is forgotten now is none.
        try transaction.send(
            """
            INSERT INTO identity_attempt (slot, failures, wait_until, forget_at) VALUES (?, 0, ?, ?)
            ON CONFLICT DO NOTHING
            """, rows: checked.map { [$0.slot.stored, now.stored, now.stored] })
        var states: [Int64: (failures: Int, until: Instant)] = [:]
        for check in checked {
            let row = try transaction.fetchLocking(
                "SELECT failures, wait_until, forget_at FROM identity_attempt WHERE slot = \(check.slot)"
            ).first
            guard let row, try now < row(2, as: Instant.self) else { continue }
            let until: Instant = try row(1)
            let wait = until.milliseconds - now.milliseconds
            // What is further away than any delay was set before the clock was put back, and is over now (X65).
            if wait > 0, wait <= Patience.one.longest * 1000 {
                return Int((min(wait, check.patience.longest * 1000) + 999) / 1000)
            }
            states[check.slot] = (try row(0), until)
        }
        for check in checked {
            let failures = (states[check.slot]?.failures ?? 0) + 1
            let wait = Throttle.delay(after: failures, check.patience)
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

    /// The slots that an attempt counts against, with their limits.
    private func counted(
        _ slots: Slots, person: ID?, now: Instant, in transaction: any Transaction
    ) throws -> [(slot: Int64, patience: Patience)] {
        if let person {
            if let browser = browser(of: person, slots) { return [(slot(browser), .one)] }
            if try isKnown(person, slots, now: now, in: transaction) { return [(slots.pair, .many)] }
        }
        return [(slots.pair, .one), (slots.address, .many)]
    }

    /// The password was right: the browser's or the pair's count is cleared, the address gets its attempt back and is
    /// known from now on.
    func succeed(_ slots: Slots, person: ID, now: Instant, in transaction: any Transaction) throws {
        if let known = browser(of: person, slots) {
            try transaction.send("DELETE FROM identity_attempt WHERE slot = \(slot(known))")
        } else {
            let isKnown = try isKnown(person, slots, now: now, in: transaction)
            try transaction.send("DELETE FROM identity_attempt WHERE slot = \(slots.pair)")
            if !isKnown {
                try transaction.send(
                    """
                    UPDATE identity_attempt SET failures = failures - 1, wait_until = \(now)
                    WHERE slot = \(slots.address) AND failures > 0
                    """)
            }
        }
        try transaction.send(
            """
            INSERT INTO identity_known_address (person, address, forget_at)
            VALUES (\(person), \(slots.addressKey), \(now.adding(seconds: Throttle.knownSeconds)))
            ON CONFLICT (person, address) DO UPDATE SET forget_at = excluded.forget_at
            """)
    }

    /// Whether the person has signed in before, but neither with this browser nor from this network. A program that has
    /// no cookies is known by its network.
    func isNewDevice(_ slots: Slots, person: ID, now: Instant, in transaction: any Transaction) throws -> Bool {
        guard browser(of: person, slots) == nil, try !isKnown(person, slots, now: now, in: transaction) else {
            return false
        }
        return try transaction.fetchOne(
            "SELECT person FROM identity_known_address WHERE person = \(person) LIMIT 1") != nil
    }

    /// The password was right, and another step follows: takes the attempt back. Neither the browser nor the address is
    /// known from now on, for nobody is in yet.
    func takeBack(_ slots: Slots, person: ID, now: Instant, in transaction: any Transaction) throws {
        let counted = try counted(slots, person: person, now: now, in: transaction).sorted { $0.slot < $1.slot }
        for check in counted {
            try transaction.send(
                """
                UPDATE identity_attempt SET failures = failures - 1, wait_until = \(now)
                WHERE slot = \(check.slot) AND failures > 0
                """)
        }
    }

    /// The cookie by which the browser is recognized from now on.
    /// - Parameter session: the session that begins; a browser's id is that of its first session.
    func cookie(_ slots: Slots, person: ID, session: ID) -> Cookie {
        let own = sealing.browser(browser(of: person, slots) ?? session, person: person)
        let kept = [own] + slots.browsers.filter { $0 != own && Sealing.linkID($0) != nil }
        return Cookie(
            name: Throttle.browserCookie, value: kept.prefix(Throttle.mostOnBrowser).joined(separator: "."),
            maxAge: Int(Throttle.knownSeconds))
    }

    private func browser(of person: ID, _ slots: Slots) -> ID? {
        slots.browsers.lazy.compactMap { sealing.browserID($0, person: person) }.first
    }

    private func slot(_ browser: ID) -> Int64 { sealing.slot("browser \(browser)") }

    /// Whether anything has expired.
    static func hasOld(now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT slot FROM identity_attempt WHERE forget_at <= \(now) LIMIT 1") != nil
            || transaction.fetchOne("SELECT person FROM identity_known_address WHERE forget_at <= \(now) LIMIT 1")
                != nil
    }

    /// Deletes what has expired, some rows at a time.
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

    /// 1, 2, 4… seconds, after the failures that cause no delay.
    private static func delay(after failures: Int, _ patience: Patience) -> Int64 {
        guard failures > patience.free else { return 0 }
        let doublings = min(failures - patience.free - 1, 20)
        return min(Int64(1) << Int64(doublings), patience.longest)
    }
}
