import Messaging

/// Where a reader stands in one partition, and what it does with each message. Numbers decide; offsets only say where
/// to look. A stream may hold a message twice, but each number first appears after the number before it. So from
/// message to message numbers grow by at most one, unless the stream has a hole.
struct PartitionCursor {
    enum Verdict: Equatable {
        /// The message is the next one and is to be handed over.
        case next
        case skip
        /// Reading must continue at another place.
        case move(StreamStart)
        /// A number is missing before this message.
        case hole
    }

    /// If a message is this many numbers or more before the one wanted, asking for a later offset is worth it;
    /// otherwise reading on is quicker.
    private static let far: Int64 = 2000
    /// How many numbers lie between two hints.
    private static let stride: Int64 = 1000
    private static let mostHints = 1000

    /// The last number that was handed over, or that ``seek(after:)`` was given.
    private(set) var number: Int64
    /// Where reading last began.
    private(set) var place: StreamStart
    /// The offset of the last message since then.
    private(set) var position: Int64?
    /// Whether any message came since reading began.
    var isHeard: Bool { position != nil }
    /// The message after a hole. It is handed over so that the reader's user notices the hole.
    private(set) var beyond: Envelope?
    /// Whether ``beyond`` is still to be handed over.
    var isDue = false

    private var hasNumber = false
    private var stepsBack = 0
    private var searchedAfter: Int64?
    private var hints: [(number: Int64, offset: Int64)] = []

    init(after number: Int64) {
        self.number = number
        place = .first
        place = best(for: number)
    }

    /// The earliest offset at which a number can be, by the hints so far: from a hint on, numbers grow by at most one.
    private func best(for number: Int64) -> StreamStart {
        guard number > 0 else { return .first }
        guard let hint = hints.last(where: { $0.number <= number }) else { return .offset(number - 1) }
        return .offset(hint.offset + number - hint.number)
    }

    /// Whether the place was calculated by counting, so that the stream may end before it.
    var isGuess: Bool {
        if case .offset(let offset) = place { return offset > 0 && position == nil }
        return false
    }

    /// Notes that reading begins at a place.
    mutating func begin(at place: StreamStart) {
        self.place = place
        position = nil
        hasNumber = false
    }

    /// Where to continue after reading was cut off.
    var continuation: StreamStart { position.map { .offset($0 + 1) } ?? place }

    /// To be called for a new connection: the broker may have forgotten everything.
    mutating func forget() {
        hints = []
        stepsBack = 0
        searchedAfter = nil
        beyond = nil
        isDue = false
        begin(at: best(for: number))
    }

    /// Takes a message without a number.
    mutating func pass(_ offset: Int64) {
        position = offset
    }

    mutating func take(_ new: Int64, at offset: Int64) -> Verdict {
        let isFirst = !hasNumber
        hasNumber = true
        position = offset
        if new == number + 1 {
            number = new
            stepsBack = 0
            searchedAfter = nil
            beyond = nil
            isDue = false
            note(new, offset)
            return .next
        }
        if new <= number {
            guard isFirst, stepsBack == 0, number - new > Self.far else { return .skip }
            return .move(.offset(offset + number - new))
        }
        guard isFirst, place != .first else { return .hole }
        stepsBack += 1
        // This is exact if no message is there twice. If it did not help, each attempt goes further back.
        let back = stepsBack > 20 ? Int64.max : (min(new - number, 1 << 40) + 64) << (2 * Int64(stepsBack - 1))
        return .move(offset > back ? .offset(offset - back) : .first)
    }

    /// Keeps the first message after a hole; later ones are ignored.
    mutating func found(_ envelope: Envelope) {
        guard beyond == nil else { return }
        beyond = envelope
        isDue = true
    }

    /// Continues after a number. Returns where to read, or `nil` if reading is there already.
    mutating func seek(after wanted: Int64) -> StreamStart? {
        guard wanted != number else {
            // A caller that asks for the same number again has seen the hole. The missing message is searched for once,
            // from the earliest place where it can be; after that it can only come at the end.
            isDue = beyond != nil
            guard isDue, searchedAfter != number else { return nil }
            searchedAfter = number
            return number > 1 ? .offset(number - 1) : .first
        }
        number = wanted
        stepsBack = 0
        searchedAfter = nil
        beyond = nil
        isDue = false
        return best(for: wanted)
    }

    private mutating func note(_ number: Int64, _ offset: Int64) {
        guard number - (hints.last?.number ?? 0) >= Self.stride else {
            if let last = hints.last, last.number > number { hints.removeAll { $0.number >= number } }
            return
        }
        hints.append((number, offset))
        guard hints.count > Self.mostHints else { return }
        hints = hints.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
}
