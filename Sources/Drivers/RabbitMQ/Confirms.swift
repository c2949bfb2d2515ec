/// The part of one publication that the broker has not confirmed yet. It confirms in any order, one or many at a time.
struct Confirms {
    /// How many bytes may be on their way: as much as fits into the socket's buffer, so that sending never waits.
    static let window = 128 << 10

    /// The delivery tag of the first message.
    private let first: UInt64
    private var sizes: [Int] = []
    /// All messages before this one are confirmed.
    private var start = 0
    private(set) var open = 0
    private(set) var bytes = 0

    init(after last: UInt64) {
        first = last + 1
    }

    /// The delivery tag of the last message that was sent.
    var last: UInt64 { first + UInt64(sizes.count) - 1 }

    mutating func sent(_ size: Int) {
        sizes.append(size)
        open += 1
        bytes += size
    }

    mutating func confirmed(_ tag: UInt64, multiple: Bool) {
        guard tag >= first, tag <= last else { return }
        let index = Int(tag - first)
        if multiple {
            while start <= index {
                settle(start)
                start += 1
            }
        } else {
            settle(index)
        }
    }

    private mutating func settle(_ index: Int) {
        guard sizes[index] > 0 else { return }
        open -= 1
        bytes -= sizes[index]
        sizes[index] = 0
    }
}
