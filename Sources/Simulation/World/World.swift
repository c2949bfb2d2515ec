import Composition
import Foundation
import Hosting
import Identity
import Logging
import Mailer
import Messaging
import Payouts
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// What outlives the program: the disks, the event log, the clock, and the random numbers that decide what goes wrong.
/// All of it comes from one seed.
// Unchecked: a run uses one thread. Everything is called from ``Run``'s loop: the databases are inline and run each
// body on the calling thread, the log and the clock have no threads, and hosts are stepped, never started.
final class World: @unchecked Sendable {
    let plan: RunPlan
    let company: Company
    private(set) var rates: FaultPlan
    var faults: Dice
    var chance: Dice
    var marks = Marks()
    private var record: Record

    private(set) var disks: [String: SQLiteDatabase] = [:] {
        didSet { commits = signals }
    }
    /// The commit signals of the services' disks, in the order of their names.
    private(set) var commits: [Signal?] = []
    private var signals: [Signal?] { Services.names.map { disks[$0]?.commits } }
    /// The disks that must go back to the shelf.
    private var borrowed: [Disk] = []
    private(set) lazy var log = SimulatedLog(
        world: self,
        codes: Installation.codes(secret: World.secret, environment: environment))
    /// How many processes the program has: one, or several that share its databases.
    let processes: Int
    /// Who needs a passkey beside a password or a link.
    let passkeyRoles: Set<String>
    /// The life of the process at work.
    var life = Life()
    /// What the other processes do while the process at work stands still, at any call of its current turn.
    var meanwhile: (() -> Void)?
    private var isStanding = false
    /// Whether the process at work has stood still in this turn, and goes on with what it held before.
    var isLate = false
    /// Faults strike only while this is true: not at set-up, not while the auditor looks, not at the end.
    var isArmed = false
    /// The service on whose database a body is running.
    var working: String?
    /// The services whose disks are full, and until which step.
    var fullUntil: [String: Int] = [:]
    var logAwayUntil = 0
    var bankAwayUntil = 0
    var mailAwayUntil: Instant
    /// How often the whole installation was restored.
    private(set) var restores = 0
    private(set) lazy var bank = SimulatedBank(world: self)
    private(set) lazy var mail = SimulatedMail(world: self)
    var step = 0
    /// How often a fault has struck, including outages: a failure without any fault has another cause.
    private(set) var struck = 0
    /// How many places the run has passed at which the program may die.
    private(set) var points = 0
    /// What the program is doing: a request of a kind, a part's turn, a start.
    var doing = World.starting
    static let starting = "start"
    /// Each place that was passed, if the plan asks for them: what was being done there, and what came next.
    private(set) var places: [String] = []

    /// The time as the program sees it, and the source of ids.
    struct Clock: Sendable {
        var now: Instant
        var uptime: Int64 = 0
        var lastID: (milliseconds: Int64, count: UInt64) = (0, 0)
    }

    var clock: Clock
    static let secret = [UInt8](repeating: 0x42, count: 32)
    static let admin = (name: "Ada Admin", email: "ada@example.com", password: "correct horse battery")

    init(_ plan: RunPlan) throws {
        self.plan = plan
        record = try Record(digests: plan.digests, path: plan.trace)
        var setting = Dice(seed: plan.seed, stream: 1)
        company = TimeAndPlace.company(&setting)
        clock = Clock(now: TimeAndPlace.start(&setting))
        mailAwayUntil = clock.now
        rates = FaultPlan(&setting, without: plan.withoutFaults)
        faults = Dice(seed: plan.seed, stream: 2)
        chance = Dice(seed: plan.seed, stream: 3)
        var shape = Dice(seed: plan.seed, stream: 8)
        let drawn = shape.chance(0.14) ? 2 + shape.below(10) / 9 : 1
        processes = plan.processes ?? drawn
        let strict: [Set<String>] = [[], [], [], ["admin", "accountant"], ["employee"]]
        passkeyRoles = shape.pick(strict) ?? []
        let steps = { [unowned self] (name: String) in
            try Shared.steps(of: { try Exchange.services(parts()) })[name] ?? ([], [])
        }
        for name in Services.names {
            let disk = try Disk.take(
                name, steps: { try steps(name) }, content: plan.beginning?.world.disks[name], faults: hook(name))
            borrowed.append(disk)
            disks[name] = disk.database
        }
        commits = signals
        // Whether disks were made again does not affect the run.
        chance = Dice(seed: plan.seed, stream: 3)
        clock.lastID = (0, 0)
    }

    /// The content of the disks.
    func contents() throws -> [String: Disk.Content] {
        Dictionary(uniqueKeysWithValues: try borrowed.map { ($0.name, try $0.content()) })
    }

    /// The run is over.
    func giveBack() {
        for disk in borrowed where disks[disk.name] === disk.database { disk.giveBack() }
        borrowed = []
        disks = [:]
    }

    func disk(_ name: String) throws -> SQLiteDatabase {
        guard let disk = disks[name] else { throw StorageError.unavailable("no disk of \(name)") }
        return disk
    }

    // MARK: The program

    /// Starts a process of the program on the disks, as they are.
    func start() throws -> Exchange {
        life = Life()
        var parts = parts()
        parts.compiled = try Shared.compiled(parts)
        return try Exchange(parts)
    }

    private func parts() -> Exchange.Parts {
        let life = life
        var parts = Exchange.Parts(
            company: company, environment: environment, secret: World.secret,
            database: { [self] in try database($0, life) }, log: plan.variant.log(LogConnection(log, life: life)),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
        parts.settings = SettingValues([
            "sign-in-links": "on", "passkey-roles": passkeyRoles.sorted().joined(separator: ","),
        ])
        parts.make(IdentityService.self) { try IdentityService($0, settings: .quick) }
        parts.around = { [self] in Poisoned.around(plan.variant.service($0), self) }
        let (provider, mail) = (plan.variant.provider(bank), mail)
        // Without a limit, because nobody would release payouts above it.
        parts.make(PayoutsService.self) { try PayoutsService($0, provider: provider, limit: nil) }
        parts.make(MailerService.self) { try MailerService($0, settings: MailSettings(transport: mail)) }
        if processes > 1 { parts.cluster = cluster(life) }
        return parts
    }

    private func database(_ name: String, _ life: Life) throws -> NodeDatabase {
        NodeDatabase(plan.variant.database(try disk(name)), world: self, life: life)
    }

    /// Each process runs all services, and takes its share of their work.
    private func cluster(_ life: Life) -> Exchange.Cluster {
        Exchange.Cluster(services: Services.names, owner: Owner(name: newID().description, alone: false))
    }

    /// Ends the life of the process at work; the caller must throw the result.
    func crash() -> Crash {
        life.isOver = true
        return Crash()
    }

    // MARK: The clock

    var time: Instant { clock.now }

    func advance(milliseconds: Int64) {
        clock.now = time.adding(milliseconds: milliseconds)
        clock.uptime += max(0, milliseconds)
    }

    /// The current state that a part of a service looks at.
    func stamp(_ commits: Signal) -> Node.Stamp {
        Node.Stamp(
            commits: commits.count, log: log.changes, time: time.milliseconds, uptime: clock.uptime, isArmed: isArmed)
    }

    /// Whether something was committed in a part's database, or has happened to the log, since the part found nothing
    /// to do.
    func wakes(_ part: Node.Part) -> Bool {
        guard let idle = part.idle else { return true }
        return idle.commits != part.commits.count || idle.log != log.changes
    }

    var environment: Environment {
        Environment(
            now: { self.time }, uptime: { self.clock.uptime }, random: { self.chance.next() }, newID: { self.newID() })
    }

    private func newID() -> ID {
        let now = time.milliseconds
        if now > clock.lastID.milliseconds {
            clock.lastID = (now, 0)
        } else if clock.lastID.count < 0xFFF {
            clock.lastID.count += 1
        } else {
            clock.lastID = (clock.lastID.milliseconds + 1, 0)
        }
        return ID(milliseconds: clock.lastID.milliseconds, random: (clock.lastID.count, chance.next()))
    }

    // MARK: What goes wrong

    /// Whether a fault strikes now.
    func strikes(_ fault: Fault) -> Bool {
        guard isArmed, !life.isOver, rates[fault] > 0, faults.chance(rates[fault]) else { return false }
        struck += 1
        note("fault: \(fault.name)")
        marks.reach("fault: \(fault.name)")
        return true
    }

    /// Notes a failure that was caused by an earlier fault.
    func strike() { struck += 1 }

    /// A place at which the program may die, whatever the rates are: a sweep tries each of them in turn.
    /// - Parameter place: its name, if places are told apart: the same code at the same work.
    func pass(_ place: @autoclosure () -> String) throws {
        guard isArmed, !life.isOver else { return }
        points += 1
        if plan.namesPlaces { places.append("\(doing) | \(place())") }
        guard points == plan.crashAt else { return }
        strike()
        note("fault: crash at \(points)")
        marks.reach("branch: the program died at a given place")
        throw crash()
    }

    private func hook(_ service: String) -> FaultHook {
        { [unowned self] point in try reach(point, of: service) }
    }

    private func reach(_ point: FaultPoint, of service: String) throws {
        guard isArmed else { return }
        if life.isOver { throw Crash() }
        try pass("\(service) | \(point)")
        switch point {
        case .statement:
            if strikes(.crashAtStatement) { throw crash() }
        case .beforeCommit:
            if strikes(.crashBeforeCommit) { throw crash() }
            if fullUntil[service, default: 0] > step {
                strike()
                throw StorageError.full("the disk of \(service)")
            }
            if strikes(.lostCommit) { throw StorageError.unavailable("the commit did not happen") }
        case .afterCommit:
            if strikes(.crashAfterCommit) { throw crash() }
            if strikes(.lostCommitAnswer) { throw StorageError.unavailable("the commit's answer was lost") }
        }
    }

    func reachLog(_ what: @autoclosure () -> String, _ topic: Topic) throws {
        note("log: \(what()) \(topic)")
        if life.isOver { throw Crash() }
        standStill()
        try pass("log | \(what()) \(topic)")
        if isArmed, logAwayUntil > step {
            strike()
            throw StorageError.unavailable("the log is away")
        }
    }

    /// A call to the outside: the bank, the mail server.
    func reachOutside(_ what: @autoclosure () -> String) throws {
        note(what())
        if life.isOver { throw Crash() }
        standStill()
        try pass("outside")
        if strikes(.crashAtCall) { throw crash() }
    }

    /// A place at which the process at work may stand still while others go on: at a call, never in a transaction.
    func standStill() {
        guard let meanwhile, !isStanding, working == nil, strikes(.pauseAtCall) else { return }
        isStanding = true
        defer { isStanding = false }
        meanwhile()
    }

    // MARK: Copies

    /// All databases and the log at one moment.
    struct Copy {
        let disks: [String: SQLiteDatabase]
        let log: [Topic: [[Envelope]]]
    }

    func copy() throws -> Copy {
        var copies: [String: SQLiteDatabase] = [:]
        for name in Services.names { copies[name] = try disk(name).inlineCopy() }
        return Copy(disks: copies, log: log.contents)
    }

    /// Restores everything; the program must have ended. Payouts and letters are then on hold until somebody releases
    /// them.
    func restore(_ copy: Copy) throws {
        for name in Services.names { try restore(name, copy.disks[name]) }
        log.contents = copy.log
        restores += 1
        try hold(Services.names)
    }

    /// Restores one disk.
    func restore(_ name: String, _ copy: SQLiteDatabase?) throws {
        disks[name] = try copy?.inlineCopy(faults: hook(name))
    }

    /// Holds as a restore does: services hold back what must not go out by itself.
    func hold(_ names: [String]) throws {
        let now = time
        for service in try Exchange.services(parts()) where names.contains(service.name) {
            try disk(service.name).write { try service.restored(in: $0, at: now) }
        }
    }

    /// Whether a copy of a service lacks numbers that the log has.
    func isBehind(_ name: String, _ copy: SQLiteDatabase) throws -> Bool {
        let numbers = try copy.read { transaction in
            Dictionary(
                uniqueKeysWithValues: try transaction.fetch("SELECT partition, numbered FROM journal_cursor").map {
                    (try $0(0, as: Int.self), try $0(1, as: Int64.self))
                })
        }
        return (log.contents[Topic(name)] ?? []).enumerated().contains { partition, held in
            held.contains { $0.number > numbers[partition, default: 0] }
        }
    }

    // MARK: What is taken down

    /// Whether anything is recorded: recording takes a third of a run's time.
    var isRecorded: Bool { record.isKept }
    var digest: UInt64 { record.hash }

    func note(_ text: @autoclosure () -> String, _ values: @autoclosure () -> [Value] = []) {
        if record.isKept { record.add(text(), values()) }
    }

    /// Notes a storage error with its text, any other error only by its kind: other errors may contain sets, whose
    /// order varies.
    func note(failure error: any Error, of service: String) {
        note("\(service) failed: \((error as? StorageError).map { "\($0)" } ?? "\(type(of: error))")")
    }

    func flushRecord() { record.flush() }
}
