/// What can go wrong. Each has its own rate in a run, and in some runs it never happens.
package enum Fault: Int, CaseIterable, Sendable {
    /// The program dies: before a statement, before a commit, after one whose answer nobody hears.
    case crashAtStatement, crashBeforeCommit, crashAfterCommit
    /// It dies before or after the log has stored what it was given, or while it reads.
    case crashBeforePublish, crashAfterPublish, crashAtRead
    /// The commit did not happen, or it did and the answer is lost; the program lives.
    case lostCommit, lostCommitAnswer
    /// The log keeps only some of what it was given, or all; the confirm is lost.
    case lostPublish, lostConfirm
    /// A delivery comes again, later, or after another of its partition.
    case duplicate, delay, gap
    /// The log is away for a while; it comes back as it was some time ago.
    case logAway, logOlder
    /// A transaction's body is run, rolled back, and run again.
    case rehearsal
    case clockForward, clockBackward
    /// A service's disk is full for a while.
    case diskFull
    /// An event that its consumer cannot apply for a while, or ever.
    case poison, poisonForever
    /// The whole installation is put back to a copy of all its databases and of the log.
    case restore
    /// The program is stopped and started in order.
    case restart
    /// It dies before a call to the bank or the mail server, or after it has done what it was asked to.
    case crashAtCall, crashAfterCall
    /// The bank has paid, or the mail server has taken the letter, and the answer is lost.
    case lostCallAnswer
    /// The bank or the mail server is away: one for a while, the other for hours or days.
    case bankAway, mailAway
    /// The bank does not pay; the mail server refuses a letter, or does not take it now.
    case paymentRefused, mailRefused, mailLater
    /// The bank's word on a payment that was under way does not arrive, or arrives twice.
    case lostCallback, callbackTwice
    /// One service alone is put back to a copy.
    case restoreOne
    /// The log loses all that it kept, or its end, while the program runs.
    case logForgets
    /// One of several processes stands still for a while, between two things that it does, or in the middle of one: at
    /// a call to the log, the bank or the mail server. The others take its work over, and it goes on with what it held.
    case pause, pauseAtCall

    package var name: String { Fault.names[rawValue] }

    /// Made once: they are asked for at every blow.
    private static let names = allCases.map { "\($0)" }

    /// How often it happens where it may, in a run that has it.
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
    /// What it befalls is so rare that half of the runs would not reach it in hundreds: any run may have it.
    fileprivate var isOfAnyRun: Bool { self == .lostCallback || self == .callbackTwice }
}

/// How often each fault happens in one run.
struct FaultPlan: Sendable {
    private var rates: [Double]

    init(_ dice: inout Dice, without: Set<Fault>) {
        rates = []
        // One run in ten has no fault at all: what fails there is no matter of recovery.
        let calm = dice.chance(0.1)
        for fault in Fault.allCases {
            let (has, scale) = (dice.chance(0.5), [0.3, 1, 1, 3, 10][dice.below(5)])
            let isKept = (has || fault.isOfAnyRun) && !calm && !without.contains(fault)
            rates.append(isKept ? min(0.5, fault.rate * scale) : 0)
        }
    }

    subscript(_ fault: Fault) -> Double { rates[fault.rawValue] }
}

/// The program has died. Whatever it was doing is over.
struct Crash: Error {}
