/// What can go wrong. Each has its own rate in a run, and in some runs it never happens.
package enum Fault: Int, CaseIterable, Sendable {
    /// The program dies: before a statement, before a commit, or after a commit so that nobody gets the answer.
    case crashAtStatement, crashBeforeCommit, crashAfterCommit
    /// The program dies before or after the log has stored what it was given, or while the program reads.
    case crashBeforePublish, crashAfterPublish, crashAtRead
    /// The commit did not happen, or it did and the answer is lost; the program lives on.
    case lostCommit, lostCommitAnswer
    /// The log stores only some of what it was given, or all of it; the confirmation is lost.
    case lostPublish, lostConfirm
    /// A delivery comes twice, late, or after a later one of its partition.
    case duplicate, delay, gap
    /// The log is away for a while, or it comes back in an earlier state.
    case logAway, logOlder
    /// A transaction's body is run, rolled back, and run again.
    case rehearsal
    case clockForward, clockBackward
    /// A service's disk is full for a while.
    case diskFull
    /// An event that its consumer cannot apply for a while, or ever.
    case poison, poisonForever
    /// The whole installation is restored from a copy of all its databases and of the log.
    case restore
    /// The program is stopped and started properly.
    case restart
    /// The program dies before a call to the bank or the mail server, or after the call was carried out.
    case crashAtCall, crashAfterCall
    /// The bank has paid, or the mail server has taken the letter, and the answer is lost.
    case lostCallAnswer
    /// The bank is away for a while; the mail server is away for hours or days.
    case bankAway, mailAway
    /// The bank does not pay; the mail server refuses a letter, or does not take it now.
    case paymentRefused, mailRefused, mailLater
    /// The bank's callback about a payment that was under way does not arrive, or arrives twice.
    case lostCallback, callbackTwice
    /// One service alone is restored from a copy.
    case restoreOne
    /// The log loses everything, or its end, while the program runs.
    case logForgets
    /// One of several processes stands still for a while, either between two pieces of work or in the middle of one: at
    /// a call to the log, the bank or the mail server. The others take over its work, and then it goes on with what it
    /// held.
    case pause, pauseAtCall

    package var name: String { Fault.names[rawValue] }

    /// Made once, because they are needed each time a fault may strike.
    private static let names = allCases.map { "\($0)" }

    /// How often it happens when it may, in a run that has this fault.
    fileprivate var rate: Double {
        switch self {
        case .crashAtStatement: 0.0004
        case .crashBeforeCommit, .crashAfterCommit: 0.002
        case .crashBeforePublish, .crashAfterPublish, .crashAtRead: 0.006
        case .lostCommit, .lostCommitAnswer: 0.006
        case .lostPublish, .lostConfirm: 0.04
        case .duplicate, .delay, .gap: 0.08
        case .logAway: 0.004
        case .logOlder, .restore, .restart: 0.002
        case .rehearsal: 0.05
        case .clockForward: 0.003
        case .clockBackward: 0.004
        case .diskFull: 0.003
        case .poison: 0.01
        case .poisonForever: 0.004
        case .crashAtCall, .crashAfterCall: 0.01
        case .lostCallAnswer, .mailRefused: 0.05
        case .bankAway, .mailAway: 0.004
        case .paymentRefused, .mailLater: 0.1
        case .lostCallback, .callbackTwice: 0.5
        case .restoreOne, .logForgets: 0.003
        case .pause: 0.02
        case .pauseAtCall: 0.004
        }
    }
}

extension Fault {
    /// What this fault affects is so rare that half of the runs would not reach it in hundreds: any run may have it.
    fileprivate var isOfAnyRun: Bool { self == .lostCallback || self == .callbackTwice }
}

/// How often each fault happens in one run.
struct FaultPlan: Sendable {
    private var rates: [Double]

    init(_ dice: inout Dice, without: Set<Fault>) {
        rates = []
        // One run in ten has no fault at all: a failure there has nothing to do with recovery.
        let calm = dice.chance(0.1)
        for fault in Fault.allCases {
            let (has, scale) = (dice.chance(0.5), [0.3, 1, 1, 3, 10][dice.below(5)])
            let isKept = (has || fault.isOfAnyRun) && !calm && !without.contains(fault)
            rates.append(isKept ? min(0.5, fault.rate * scale) : 0)
        }
    }

    subscript(_ fault: Fault) -> Double { rates[fault.rawValue] }
}
