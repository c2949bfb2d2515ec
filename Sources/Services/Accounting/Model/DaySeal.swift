import Crypto
import Values

/// The hash that seals a day. It covers the seal before, the day, and each account's id and last entry's hash, in the
/// order of ids.
struct DaySeal {
    private var hash = SHA256()
    private(set) var accounts = 0

    init(day: Day, after previous: [UInt8]?) {
        hash.update(data: Array("popug day \(day)".utf8))
        hash.update(data: previous ?? [UInt8](repeating: 0, count: 32))
    }

    mutating func add(account: ID, head: [UInt8]) {
        hash.update(data: account.bytes)
        hash.update(data: head)
        accounts += 1
    }

    func finish() -> [UInt8] {
        Array(hash.finalize())
    }
}
