/// What a service takes from the world: time, randomness, new ids. Handed in by the composition root, so that a test
/// or the simulator decides all three from one seed. No Kit or service code asks the system for any of them.
package struct Environment: Sendable {
    /// The time of day, UTC. May jump.
    package var now: @Sendable () -> Instant
    /// Milliseconds that only ever grow, for measuring how long something takes. Says nothing about the time of day.
    package var uptime: @Sendable () -> Int64
    /// 64 uniformly random bits, fit for keys and tokens.
    package var random: @Sendable () -> UInt64
    /// A new UUIDv7; later ones of one process are greater.
    package var newID: @Sendable () -> ID
    private let watch: ClockWatch

    /// - Parameter watch: knows the clock since the process began; by default, since now.
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

    /// Whether something may lapse for good because its time is over: be deleted, given up, taken for expired by
    /// everybody. To be asked again each time.
    package var mayLapse: Bool { watch.isSteady(now: now(), uptime: uptime()) }

    /// A uniformly random number from 0 up to, not including, `bound`, without the bias of a bare remainder.
    package func draw(below bound: Int) -> Int {
        precondition(bound > 0, "nothing to draw from")
        let bound = UInt64(bound)
        // 2^64 mod bound: values below it would make the first remainders likelier than the rest.
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
