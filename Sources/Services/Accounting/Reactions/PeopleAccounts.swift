import Contracts
import Directory
import Messaging
import Storage
import Values

/// Gives everybody on the staff an account as soon as Accounting hears of them (X20).
struct PeopleAccounts: Sendable {
    let journal: Journal
    let now: @Sendable () -> Instant

    func open(for person: Person, trace: String, in transaction: any Transaction) throws {
        guard person.isStaff else { return }
        let known = try transaction.fetchOne("SELECT 1 FROM account WHERE id = \(person.id)") != nil
        guard !known else { return }
        let booking = try Booking(
            accounts: [person.id], at: now(), lane: person.id.partition(of: Topic.partitions), trace: trace,
            in: transaction)
        try booking.write(to: journal, in: transaction)
    }
}
