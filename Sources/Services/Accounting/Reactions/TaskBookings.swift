import Contracts
import Ledger
import Messaging
import Storage
import Values

/// Books the Tracker's events in batches: the fee for every assignment, the reward for a completion (X22).
struct TaskBookings: Sendable {
    let journal: Journal
    let draw: PriceDraw
    let now: @Sendable () -> Instant

    static let events = TaskCreated.types.union(TaskReassigned.types).union(TaskCompleted.types)

    /// What one event asks for.
    private struct Order {
        let entry: ID
        let task: ID
        let title: String
        let jiraID: String?
        let person: ID
        let isReward: Bool
        let trace: String
        let cause: ID

        init(_ envelope: Envelope) throws {
            cause = envelope.id
            trace = envelope.trace
            entry = TaskBookings.entryID(of: envelope.id)
            switch envelope.name {
            case TaskCreated.name:
                let event = try envelope.event(TaskCreated.self)
                (task, title, jiraID, person) = (event.task, event.title, event.jiraID, event.assignee)
                isReward = false
            case TaskReassigned.name:
                let event = try envelope.event(TaskReassigned.self)
                (task, title, jiraID, person) = (event.task, event.title, event.jiraID, event.newAssignee)
                isReward = false
            default:
                let event = try envelope.event(TaskCompleted.self)
                (task, title, jiraID, person) = (event.task, event.title, event.jiraID, event.assignee)
                isReward = true
            }
        }
    }

    /// The id of the entry for an event of the Tracker; also the id of the event about that entry.
    static func entryID(of event: ID) -> ID { event.derived("entry") }

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        var orders = try envelopes.map(Order.init)
        // An event that was booked before changes nothing.
        var seen = try Ledger.known(orders.map(\.entry), in: transaction)
        orders.removeAll { !seen.insert($0.entry).inserted }
        guard !orders.isEmpty else { return }
        let at = now()
        var prices = try Price.of(Array(Set(orders.map(\.task))).sorted(), in: transaction)
        var drawn: [Price] = []
        let ranges = try RecordedRanges.current(in: transaction)
        var booking = try Booking.begin(
            on: orders.map(\.person), at: at, lane: envelopes.first?.partition ?? 0, in: transaction)
        for order in orders {
            let price: Price
            if let known = prices[order.task] {
                price = known
            } else {
                guard let ranges else { throw StorageError.failed("no price ranges: accounting is not prepared") }
                let (fee, reward) = draw.prices(of: order.task, in: ranges.ranges)
                price = Price(
                    task: order.task, fee: fee, reward: reward, ranges: ranges.number, title: order.title,
                    jiraID: order.jiraID, at: at)
                prices[order.task] = price
                drawn.append(price)
                booking.publish(
                    TaskPriced(task: order.task, person: order.person, fee: fee, reward: reward, time: at),
                    id: order.cause.derived("task-priced"), trace: order.trace)
            }
            try book(order, at: price, into: &booking)
        }
        if !drawn.isEmpty {
            try transaction.send(Price.insertion, rows: drawn.sorted { $0.task < $1.task }.map(\.values))
        }
        try booking.write(to: journal, in: transaction)
    }

    private func book(_ order: Order, at price: Price, into booking: inout Booking) throws {
        let entry = try booking.post(
            Ledger.Posting(
                id: order.entry, account: order.person, counterpart: order.isReward ? Books.rewards : Books.fees,
                amount: order.isReward ? price.reward : try price.fee.negated(),
                kind: order.isReward ? Books.reward : Books.fee,
                memo: Ledger.Memo(subject: order.task, title: order.title, reference: order.jiraID)))
        let operation = Operation(
            task: order.task, title: order.title, jiraID: order.jiraID, person: order.person,
            sum: order.isReward ? price.reward : price.fee, balance: entry.balance, day: entry.day, time: entry.at)
        if order.isReward {
            booking.publish(EmployeeRewarded(operation: operation), id: entry.id, trace: order.trace)
        } else {
            booking.publish(EmployeeCharged(operation: operation), id: entry.id, trace: order.trace)
        }
    }
}
