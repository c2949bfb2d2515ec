#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How many files and connections this process may have open at once.
package enum Descriptors {
    /// We never ask for more than this.
    private static let enough: rlim_t = 65_536
    /// For databases, logs, and outgoing calls.
    private static let reserve = 128

    /// How many the process may have open, after it has asked for as many as it may get.
    package static func raise() -> Int {
        var limit = rlimit()
        guard get(&limit) else { return 1024 }
        let wanted = min(limit.rlim_max, enough)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            _ = set(&limit)
            _ = get(&limit)
        }
        return Int(min(limit.rlim_cur, enough))
    }

    /// The most that the process could get.
    package static var most: Int {
        var limit = rlimit()
        return get(&limit) ? Int(min(limit.rlim_max, enough)) : 1024
    }

    /// How many connections may come in. Each may need an outgoing one as well, and some must be left for the rest of
    /// the program.
    static func connections(atMost most: Int) -> Int {
        min(most, max(32, (raise() - reserve) / 2))
    }

    #if canImport(Glibc)
        private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let files = RLIMIT_NOFILE
    #endif

    private static func get(_ limit: inout rlimit) -> Bool { getrlimit(files, &limit) == 0 }
    private static func set(_ limit: inout rlimit) -> Bool { setrlimit(files, &limit) == 0 }
}
