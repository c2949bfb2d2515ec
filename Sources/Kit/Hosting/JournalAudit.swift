import Messaging
import Schemas
import ServiceKit
import Storage
import Values

/// What a service's journal tells of changes by hand, found by their own index: what it costs does not grow with the
/// journal.
struct JournalAudit: Sendable {
    private let service: String
    private let journal: Journal
    private let contracts: [any AuditedContract.Type]

    /// How many rows of each name one search looks at.
    private static let stretch = 1000
    /// How far a clock may have gone backwards, in seconds, without hiding a row from a range of days.
    private static let slack: Int64 = 3600

    init(_ service: any Service) {
        self.service = service.name
        journal = service.journal
        contracts = service.audited
    }

    /// A stretch from the range's end, or from where the last one ended.
    func newest(_ search: AuditSearch, in transaction: any Transaction) throws -> JournalStretch<AuditEntry> {
        let names = contracts.filter { fits(search.area, $0) }.names
        guard !names.isEmpty else { return JournalStretch(events: [], floor: 0) }
        let places = JournalSearch(service: service)
        let first = try places.position(at: search.from.adding(seconds: -JournalAudit.slack), in: transaction)
        let end = try places.position(at: search.until.adding(seconds: JournalAudit.slack), in: transaction)
        // A cursor is not signed: any number may stand in it.
        let start = max(0, min(search.before ?? .max, end))
        var rows: [Row] = []
        var floor: Int64 = 0
        for name in names {
            let found = try transaction.fetch(statement(name, from: first, below: start))
            if found.count == JournalAudit.stretch, let last = found.last { floor = max(floor, try position(of: last)) }
            rows += found
        }
        let sorted = try rows.map { (position: try position(of: $0), row: $0) }.sorted { $0.position > $1.position }
        let limit = max(1, min(search.limit, JournalAudit.stretch))
        var entries: [AuditEntry] = []
        for (position, row) in sorted where position >= floor {
            guard let entry = try entry(row, at: position, search) else { continue }
            entries.append(entry)
            guard entries.count == limit else { continue }
            return JournalStretch(events: entries, floor: position == sorted.last?.position ? floor : position)
        }
        return JournalStretch(events: entries, floor: floor)
    }

    /// The condition of the index stands in it as it is: see ``Journal/isAudited(_:)``.
    private func statement(_ name: String, from first: Int64, below start: Int64) -> SQL {
        let isAudited = SQL(text: Journal.isAudited(contracts.names), values: [])
        return """
            SELECT \(Envelope.journalColumns), position FROM journal
            WHERE \(isAudited) AND name = \(name) AND position >= \(first) AND position < \(start)
            ORDER BY position DESC LIMIT \(JournalAudit.stretch)
            """
    }

    private func position(of row: Row) throws -> Int64 { try row(Envelope.journalColumnCount) }

    private func fits(_ area: AuditArea?, _ contract: any AuditedContract.Type) -> Bool {
        area.map { contract.kinds.values.contains($0) } ?? true
    }

    /// `nil` for what is not looked for, and for an event that tells of no change by hand.
    private func entry(_ row: Row, at position: Int64, _ search: AuditSearch) throws -> AuditEntry? {
        let (name, time): (String, Instant) = (try row(1), try row(4))
        guard time >= search.from, time < search.until else { return nil }
        // What cannot be read stays on the list: it is an alarm, or an event of a later version.
        let envelope = try? Envelope(journalRow: row, topic: journal.topic)
        let contract = contracts.first { $0.name == name }
        var audit: Audit?
        var isSilent = false
        if let envelope, let contract {
            do {
                audit = try contract.audit(of: envelope)
                isSilent = audit == nil
            } catch is UnreadableEvent {}
        }
        let area = audit.flatMap { contract?.kinds[$0.kind] }
        if let wanted = search.area, let area, area != wanted { return nil }
        if let person = search.person {
            guard audit?.concerns(person) ?? (envelope?.key == person) else { return nil }
        }
        // Last, because it takes longest.
        let isRight = envelope.map { hasRightCodes($0) } ?? false
        guard !isSilent || !isRight else { return nil }
        return AuditEntry(
            service: service, position: position, time: time, name: name, id: envelope?.id, key: envelope?.key,
            audit: audit, area: area, isRight: isRight)
    }

    private func hasRightCodes(_ envelope: Envelope) -> Bool {
        envelope.number > 0 ? journal.codes.isRight(envelope) : journal.codes.isWritten(envelope)
    }
}
