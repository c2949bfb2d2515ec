import Messaging

/// Where a reader stands in one partition, and what it makes of each message. Numbers are the truth; offsets are where
/// to look. A stream may hold a message twice, but a number comes for the first time only after the one before it:
/// so from message to message numbers grow by at most one, unless the stream has a hole.
struct Cursor {
    enum Verdict: Equatable {
        /// It is the next one: to be handed over.
        case next
        case skip
        /// Read on from elsewhere.
        case move(Place)
        /// One is missing before it.
        case hole
    }

    /// From how far before its place it is worth asking for a later offset, rather than reading on.
    private static let far: Int64 = 2000
    /// How many numbers lie between two hints.
    private static let stride: Int64 = 1000
    private static let mostHints = 1000

    /// The last number that was handed over, or sought.
    private(set) var number: Int64
    /// Where reading began the last time.
    private(set) var place: Place
    /// The offset of the last message that came since.
    private(set) var position: Int64?
    /// Whether something came since reading began.
    var isHeard: Bool { position != nil }
    /// What stands behind a hole, to be handed over so that somebody sees that there is one.
    private(set) var beyond: Envelope?
    /// ``beyond`` is to be handed over.
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

    /// The earliest offset at which a number can be, by what was seen: from a hint on, numbers grow by at most one.
    private func best(for number: Int64) -> Place {
        guard number > 0 else { return .first }
        guard let hint = hints.last(where: { $0.number <= number }) else { return .offset(number - 1) }
        return .offset(hint.offset + number - hint.number)
    }

    /// Whether the place was chosen by counting, so that the stream may be shorter.
    var isGuess: Bool {
        if case .offset(let offset) = place { return offset > 0 && position == nil }
        return false
    }

    /// Reading begins at a place.
    mutating func begin(at place: Place) {
        self.place = place
        position = nil
        hasNumber = false
    }

    /// Where to go on where reading was cut off.
    var continuation: Place { position.map { .offset($0 + 1) } ?? place }

    /// On another connection, to a broker that may have forgotten everything since.
    mutating func forget() {
        hints = []
        stepsBack = 0
        searchedAfter = nil
        beyond = nil
        isDue = false
        begin(at: best(for: number))
    }

    /// A message without a number.
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
        // Exact where nothing is there twice; more each time where that did not do.
        let back = stepsBack > 20 ? Int64.max : (min(new - number, 1 << 40) + 64) << (2 * Int64(stepsBack - 1))
        return .move(offset > back ? .offset(offset - back) : .first)
    }

    /// The first message behind a hole; later ones are no news.
    mutating func found(_ envelope: Envelope) {
        guard beyond == nil else { return }
        beyond = envelope
        isDue = true
    }

    /// Goes on after a number. Returns where to read, or `nil` where it is read there already.
    mutating func seek(after wanted: Int64) -> Place? {
        guard wanted != number else {
            // Whoever asks for the same again has seen the hole. It is searched once from where the missing one can be
            // at the earliest; then it can only come at the end.
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
