import Directory
import Messaging
import Storage
import Values

/// Gives everybody on the staff an account when Accounting first hears of them (X20).
struct PeopleAccounts: Sendable {
    let journal: Journal
    let now: @Sendable () -> Instant

    func open(for people: [Person], in transaction: any Transaction) throws {
        let staff = people.filter(\.isStaff).map(\.id)
        guard let first = staff.first else { return }
        try Booking.closeEarlierDays(
            of: staff, at: now(), lane: first.partition(of: Topic.partitions), to: journal, in: transaction)
    }
}
