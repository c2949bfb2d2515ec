/// What a service takes from outside: time, randomness, new ids. The composition root passes it in, so that a test or
/// the simulator controls all three from one seed. No Kit or service code asks the system for any of them.
package struct Environment: Sendable {
    /// The time of day, UTC. May jump.
    package var now: @Sendable () -> Instant
    /// Milliseconds that never go back, for measuring how long something takes. They say nothing about the time of day.
    package var uptime: @Sendable () -> Int64
    /// 64 uniformly random bits, fit for keys and tokens.
    package var random: @Sendable () -> UInt64
    /// A new UUIDv7. Later ones of the same process are greater.
    package var newID: @Sendable () -> ID
    private let watch: ClockWatch

    /// - Parameter watch: has watched the clock since the process began; by default, since now.
    package init(
        now: @escaping @Sendable () -> Instant,
        uptime: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> UInt64,
        newID: @escaping @Sendable () -> ID,
        watch: ClockWatch? = nil
    ) {
        self.now = now
        self.uptime = uptime
        self.random = random
        self.newID = newID
        self.watch = watch ?? ClockWatch(now: now(), uptime: uptime())
    }

    /// Whether something may lapse for good because its time is over: be deleted, be given up, or count as expired for
    /// everyone. Ask again each time.
    package var mayLapse: Bool { watch.isSteady(now: now(), uptime: uptime()) }

    /// A uniformly random number from 0 up to, not including, `bound`, without the bias of a plain remainder.
    package func draw(below bound: Int) -> Int {
        precondition(bound > 0, "nothing to draw from")
        let bound = UInt64(bound)
        // 2^64 mod bound. Values below it would make some remainders more likely than others.
        let threshold = (0 &- bound) % bound
        while true {
            let value = random()
            if value >= threshold { return Int(value % bound) }
        }
    }

    /// `count` random bytes.
    package func randomBytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            let word = random()
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return Array(bytes.prefix(count))
    }
}
