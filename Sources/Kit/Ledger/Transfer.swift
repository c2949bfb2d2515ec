import Crypto
import Storage
import Values

extension Ledger {
    /// An amount moved from one company account to another, without any person's balance: for example from clearing to
    /// the bank, once the provider has paid.
    ///
    /// A transfer is one row, balanced by construction. The transfers of a lane form a chain, like the entries of an
    /// account. They are numbered from 1 without a gap, and each hash covers the row's content and the hash before. So
    /// a changed, missing or added row is detected.
    package struct Transfer: Hashable, Sendable {
        /// If the id is derived from the event that causes the transfer, the transfer cannot be booked twice.
        package let id: ID
        package let source: CompanyAccount
        package let target: CompanyAccount
        /// Positive.
        package let amount: Cents
        package let kind: String
        /// The subject: a payout.
        package let subject: ID

        package init(
            id: ID, source: CompanyAccount, target: CompanyAccount, amount: Cents, kind: String, subject: ID
        ) {
            self.id = id
            self.source = source
            self.target = target
            self.amount = amount
            self.kind = kind
            self.subject = subject
        }
    }

    /// The tables of transfers, for a later step of a service's schema than the one with ``schema``.
    package static let transferSchema = [
        """
        CREATE TABLE company_transfer (
            id BLOB PRIMARY KEY,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0),
            day INTEGER NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject BLOB NOT NULL,
            hash BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX company_transfer_lane ON company_transfer (lane, number)",
        // The last number and hash of each lane's chain.
        """
        CREATE TABLE transfer_chain (
            lane INTEGER PRIMARY KEY,
            number INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
    ]

    /// Books those transfers that are not booked yet, on one day: one row each, and the sums of both sides. `lane` is
    /// the partition that is being processed. Each lane has its own chain, so lanes do not wait for each other.
    /// - Throws: ``LedgerMisuse`` for an amount that is not positive.
    package static func transfer(
        _ transfers: [Transfer], day: Day, at: Instant, lane: Int, in transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            INSERT INTO transfer_chain (lane, number, hash) VALUES (\(lane), 0, \(genesis)) ON CONFLICT (lane) DO NOTHING
            """)
        let row = try transaction.fetchLocking("SELECT number, hash FROM transfer_chain WHERE lane = \(lane)").first
        guard let row else { throw LedgerMisuse(reason: "no chain of transfers in lane \(lane)") }
        var known: Set<ID> = []
        let there = try transaction.fetch(in: transfers.map(\.id)) {
            "SELECT id FROM company_transfer WHERE id IN (\(list: $0))"
        }
        for row in there { known.insert(try row(0)) }
        var booked: [BookedTransfer] = []
        var (number, hash): (Int64, [UInt8]) = (try row(0), try row(1))
        for transfer in transfers where known.insert(transfer.id).inserted {
            guard transfer.amount > .zero, transfer.source != transfer.target else {
                throw LedgerMisuse(reason: "transfer \(transfer.id) moves \(transfer.amount.plain)")
            }
            number += 1
            let next = BookedTransfer(transfer, lane: lane, number: number, day: day, at: at, after: hash)
            hash = next.hash
            booked.append(next)
        }
        guard !booked.isEmpty else { return }
        try transaction.send(
            BookedTransfer.insertion, rows: booked.sorted { $0.transfer.id < $1.transfer.id }.map(\.values))
        try transaction.send(
            "UPDATE transfer_chain SET number = \(number), hash = \(hash) WHERE lane = \(lane)")
        try addSums(of: booked, day: day, lane: lane, in: transaction)
    }

    /// A transfer is not an operation of a person. It changes a company account's debit or credit, but not its count.
    private static func addSums(
        of booked: [BookedTransfer], day: Day, lane: Int, in transaction: any Transaction
    ) throws {
        var sums: [CompanyAccount: (debit: Cents, credit: Cents)] = [:]
        for transfer in booked.map(\.transfer) {
            sums[transfer.source, default: (.zero, .zero)].debit =
                try (sums[transfer.source]?.debit ?? .zero).plus(transfer.amount)
            sums[transfer.target, default: (.zero, .zero)].credit =
                try (sums[transfer.target]?.credit ?? .zero).plus(transfer.amount)
        }
        try transaction.send(
            CompanySum.upsert,
            rows: sums.sorted { $0.key < $1.key }.map { name, sum in
                [.text(name.name), day.stored, lane.stored, sum.debit.stored, sum.credit.stored, .integer(0)]
            })
    }

    /// A transfer with its place in its lane's chain.
    package struct BookedTransfer: Hashable, Sendable {
        package let transfer: Transfer
        package let lane: Int
        package let number: Int64
        package let day: Day
        package let at: Instant
        package private(set) var hash: [UInt8]

        static let columns = "id, lane, number, source, target, amount, day, at, kind, subject, hash"
        static let insertion = "INSERT INTO company_transfer (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

        init(_ transfer: Transfer, lane: Int, number: Int64, day: Day, at: Instant, after previous: [UInt8]) {
            self.transfer = transfer
            self.lane = lane
            self.number = number
            self.day = day
            self.at = at
            hash = []
            hash = computedHash(after: previous)
        }

        init(_ row: Row) throws {
            transfer = Transfer(
                id: try row(0), source: CompanyAccount(try row(3)), target: CompanyAccount(try row(4)),
                amount: try row(5), kind: try row(8), subject: try row(9))
            lane = try row(1)
            number = try row(2)
            day = try row(6)
            at = try row(7)
            hash = try row(10)
        }

        var values: [Value] {
            [
                transfer.id.stored, lane.stored, number.stored, .text(transfer.source.name),
                .text(transfer.target.name),
                transfer.amount.stored, day.stored, at.stored, .text(transfer.kind), transfer.subject.stored,
                .blob(hash),
            ]
        }

        /// SHA-256 over the previous hash and every field, as texts with their lengths. ``CanonicalForm`` would do the
        /// same, but these hashes stand in companies' books, and a second form could only be added beside this one.
        func computedHash(after previous: [UInt8]) -> [UInt8] {
            let fields = [
                transfer.id.description, String(lane), String(number), transfer.source.name, transfer.target.name,
                String(transfer.amount.amount), day.description, String(at.milliseconds), transfer.kind,
                transfer.subject.description,
            ]
            var sha = SHA256()
            sha.update(data: previous)
            for field in fields { sha.update(data: Array("\(field.utf8.count):\(field)".utf8)) }
            return Array(sha.finalize())
        }
    }

    /// Passes on every transfer, lane by lane in the order of booking, for checks.
    package static func forEachTransfer(
        in transaction: any Transaction, _ body: (BookedTransfer) throws -> Void
    ) throws {
        try transaction.forEach(
            "SELECT \(SQL(text: BookedTransfer.columns, values: [])) FROM company_transfer ORDER BY lane, number"
        ) { try body(BookedTransfer($0)) }
    }
}
