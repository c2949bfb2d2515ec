import Crypto
import Storage
import Values

extension Ledger {
    /// One side of a transaction, on a personal account; the other side is in the sums of ``counterpart``.
    package struct Entry: Hashable, Sendable {
        package let id: ID
        package let account: ID
        package let counterpart: CompanyAccount
        /// From the person's point of view.
        package let amount: Cents
        /// The account's previous entry.
        package let previous: ID?
        /// The balance after this entry.
        package let balance: Cents
        package let day: Day
        package let at: Instant
        package let kind: String
        package let memo: Memo
        /// SHA-256 over all fields above and the hash of ``previous``.
        package private(set) var hash: [UInt8]

        /// Makes the next entry of a chain.
        init(
            _ posting: Posting, previous: ID?, previousHash: [UInt8], balance: Cents, day: Day, at: Instant
        ) {
            id = posting.id
            account = posting.account
            counterpart = posting.counterpart
            amount = posting.amount
            self.previous = previous
            self.balance = balance
            self.day = day
            self.at = at
            kind = posting.kind
            memo = posting.memo
            hash = []
            hash = computedHash(after: previousHash)
        }

        /// The value that ``hash`` must have if the previous entry has this hash.
        package func computedHash(after previousHash: [UInt8]) -> [UInt8] {
            var form = CanonicalForm()
            form.add(id)
            form.add(account)
            form.add(counterpart.name)
            form.add(amount.amount)
            form.add(previous)
            form.add(balance.amount)
            form.add(Int64(day.number))
            form.add(at.milliseconds)
            form.add(kind)
            form.add(memo.subject)
            form.add(memo.title)
            form.add(memo.reference)
            form.add(memo.reason)
            form.add(memo.corrects)
            form.add(memo.author)
            form.add(bytes: previousHash)
            return form.hash()
        }
    }
}

extension Ledger.Entry {
    static let columns = """
        id, account, counterpart, amount, previous, balance, day, at, kind, subject, title, reference, reason, \
        corrects, author, hash
        """
    static let insertion = "INSERT INTO entry (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    var values: [Value] {
        [
            id.stored, account.stored, .text(counterpart.name), amount.stored, previous.stored, balance.stored,
            day.stored, at.stored, .text(kind), memo.subject.stored, memo.title.stored, memo.reference.stored,
            memo.reason.stored, memo.corrects.stored, memo.author.stored, .blob(hash),
        ]
    }

    init(_ row: Row) throws {
        id = try row(0)
        account = try row(1)
        counterpart = Ledger.CompanyAccount(try row(2))
        amount = try row(3)
        previous = try row(4)
        balance = try row(5)
        day = try row(6)
        at = try row(7)
        kind = try row(8)
        memo = Ledger.Memo(
            subject: try row(9), title: try row(10), reference: try row(11), reason: try row(12),
            corrects: try row(13), author: try row(14))
        hash = try row(15)
    }
}

/// Encodes values so that equal values give equal bytes, and different values give different bytes. Each field includes
/// its length, and whether it is there at all.
struct CanonicalForm {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(384)
    }

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(bytes part: some Collection<UInt8>) {
        add(Int64(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func add(_ id: ID?) {
        guard let id else { return bytes.append(0) }
        bytes.append(1)
        id.withBytes { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String?) {
        guard let text else { return bytes.append(0) }
        bytes.append(1)
        add(bytes: text.utf8)
    }

    func hash() -> [UInt8] {
        SHA256.hash(data: bytes).withUnsafeBytes { [UInt8]($0) }
    }
}
