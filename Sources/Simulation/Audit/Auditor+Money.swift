import Foundation
import Storage
import Values

/// The rules of money (X20 to X26), checked fact by fact.
extension Auditor {
    private struct MoneyFact: Decodable {
        var task: ID?
        var title: String?
        var person: ID?
        var fee: Int64?
        var reward: Int64?
        var sum: Int64?
        var balance: Int64?
        var day: Day?
        var opening: Int64?
        var closing: Int64?
        var paid: Int64?
        var operations: Int?
        var accounts: Int?
        var corrects: ID?
        var kind: String?
        var payout: ID?
    }

    func money(_ name: String, _ event: ID, _ trace: String, _ data: Data) throws {
        let fact = try JSONDecoder().decode(MoneyFact.self, from: data)
        switch name {
        case "task-priced": try priced(fact)
        case "employee-charged": try booked(fact, event, isReward: false)
        case "employee-rewarded": try booked(fact, event, isReward: true)
        case "entry-corrected": try corrected(fact, event, trace)
        case "day-closed": try closed(fact, event)
        case "payout-requested":
            guard let person = fact.person, let sum = fact.sum, sum > 0, model.requested[person] == nil else {
                throw Finding("a payout was requested twice before its close, or of nothing: \(fact)")
            }
            model.requested[person] = sum
            guard let payout = fact.payout, payout == event,
                model.payouts.updateValue(AuditModel.Payout(person: person, sum: sum), forKey: payout) == nil
            else { throw Finding("a payout was requested twice, or without its id: \(fact)") }
        case "day-sealed": try sealed(fact)
        default: break
        }
    }

    private func priced(_ fact: MoneyFact) throws {
        guard let task = fact.task, let fee = fact.fee, let reward = fact.reward else {
            throw Finding("no price: \(fact)")
        }
        guard fee % 100 == 0, reward % 100 == 0, (1000...2000).contains(fee), (2000...4000).contains(reward) else {
            throw Finding("task \(task) has prices out of the ranges: \(fee), \(reward) (X21)")
        }
        if let known = prices[task], known != (fee, reward) {
            throw Finding("task \(task) had the prices \(known), and now \(fee), \(reward) (X21)")
        }
        prices[task] = (fee, reward)
    }

    /// The next thing that is owed for the task, at the task's one price, on the open day.
    private func booked(_ fact: MoneyFact, _ entry: ID, isReward: Bool) throws {
        guard let id = fact.task, let person = fact.person, let sum = fact.sum, let balance = fact.balance,
            let day = fact.day?.number
        else { throw Finding("not a booking: \(fact)") }
        let what = "\(isReward ? "reward" : "fee") of task \(id) for \(person)"
        guard let task = model.tasks[id], let price = prices[id] else {
            throw Finding("\(what): no such task, or no price")
        }
        guard sum == (isReward ? price.reward : price.fee) else {
            throw Finding("\(what): \(sum) was booked, and the price is \(price) (X22)")
        }
        guard fact.title == task.title else { throw Finding("\(what): the title is \(fact.title ?? "none") (X24)") }
        guard let next = task.owed.firstIndex(where: { !model.discarded.contains($0.event) || matches($0) }),
            matches(task.owed[next])
        else {
            throw Finding(
                "\(what): not what is owed next, which is \(task.owed.first.map { "\($0)" } ?? "nothing") (X22, X41)")
        }
        func matches(_ owed: AuditModel.Owed) -> Bool { owed.person == person && owed.isReward == isReward }
        model.tasks[id]?.owed.removeFirst(next + 1)
        try book(person, isReward ? sum : -sum, balance, day, what)
        model.days[day, default: .init()].operations += 1
        if isReward { model.days[day]?.rewards += sum } else { model.days[day]?.fees += sum }
        model.entries[entry] = (person, !isReward)
    }

    private func corrected(_ fact: MoneyFact, _ entry: ID, _ trace: String) throws {
        guard let person = fact.person, let sum = fact.sum, let balance = fact.balance, let day = fact.day?.number,
            let corrects = fact.corrects, let kind = fact.kind, let known = model.entries[corrects],
            known.account == person,
            known.isFee == (kind == "fee")
        else { throw Finding("a correction of nothing, or of another's: \(fact)") }
        try book(person, sum, balance, day, "correction \(entry)")
        model.days[day, default: .init()].operations += 1
        if known.isFee { model.days[day]?.fees -= sum } else { model.days[day]?.rewards += sum }
        model.entries[entry] = (person, known.isFee)
        if let other = model.made[trace] { throw Finding("correction \(trace) was booked as \(other) and \(entry)") }
        model.made[trace] = entry
        world.marks.reach("branch: a correction was booked")
    }

    private func book(_ person: ID, _ amount: Int64, _ balance: Int64, _ day: Int, _ what: String) throws {
        guard day == model.openDay else {
            throw Finding("\(what): booked on \(Day(number: day)), and open is \(Day(number: model.openDay)) (X25)")
        }
        var account = model.accounts[person] ?? AuditModel.Account(day: day)
        guard account.day == day else {
            throw Finding("\(what): the account still stands on \(Day(number: account.day)) (X26)")
        }
        account.balance += amount
        account.operations += 1
        guard account.balance == balance else {
            throw Finding("\(what): the balance after it is \(balance), and should be \(account.balance)")
        }
        model.accounts[person] = account
    }

    /// Each account is closed once for each day, in order; a positive balance is paid out to zero (X26).
    private func closed(_ fact: MoneyFact, _ event: ID) throws {
        guard let person = fact.person, let day = fact.day?.number, let opening = fact.opening,
            let closing = fact.closing,
            let paid = fact.paid, let operations = fact.operations
        else { throw Finding("not a close: \(fact)") }
        let what = "close of \(person) for \(Day(number: day))"
        var account = model.accounts[person] ?? AuditModel.Account(day: day)
        guard account.day == day, day < model.openDay, !model.sealed.contains(day) else {
            throw Finding(
                "\(what): the account stands on \(Day(number: account.day)), open is \(Day(number: model.openDay))")
        }
        guard account.opening == opening, account.balance == closing, account.operations == operations else {
            throw Finding("\(what): \(opening), \(closing), \(operations); should be \(account)")
        }
        let due = max(0, account.balance)
        guard paid == due, (model.requested.removeValue(forKey: person) ?? 0) == due else {
            throw Finding("\(what): \(paid) was paid, and \(due) was due")
        }
        model.days[day, default: .init()].closes += 1
        if account.balance < 0 { model.days[day]?.belowZero += 1 }
        if due > 0 {
            model.days[day]?.paid += due
            model.days[day]?.payouts += 1
            model.paid[event] = AuditModel.PaidClose(person: person, day: day, sum: due)
            world.marks.reach("branch: somebody was paid")
        } else if account.balance < 0 {
            world.marks.reach("branch: a debt was carried over")
        }
        account = AuditModel.Account(balance: account.balance - due, day: day + 1, opening: account.balance - due)
        model.accounts[person] = account
    }

    private func sealed(_ fact: MoneyFact) throws {
        guard let day = fact.day?.number, let operations = fact.operations, let accounts = fact.accounts else {
            throw Finding("not a seal: \(fact)")
        }
        guard day < model.openDay, model.sealed.insert(day).inserted else {
            throw Finding("\(Day(number: day)) was sealed twice, or while it was open")
        }
        for (person, account) in model.accounts where account.day <= day {
            throw Finding("\(Day(number: day)) was sealed, and the account of \(person) is still open on it (X26)")
        }
        let totals = model.days[day] ?? .init()
        guard totals.operations == operations else {
            throw Finding(
                "\(Day(number: day)) was sealed with \(operations) operations; there were \(totals.operations)")
        }
        _ = accounts
        isRecountDue = true
        world.marks.reach("branch: a day was sealed")
    }

    // MARK: Days

    /// The business day of a moment, by the company's wall clock.
    func day(of instant: Instant) -> Int {
        let calendar = world.company.calendar
        let offset = calendar.zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
        let local = instant.seconds + Int64(offset)
        let day = Int((Double(local) / 86_400).rounded(.down))
        let hour = Int((local - Int64(day) * 86_400) / 3600)
        return calendar.closingHour > 0 && hour >= calendar.closingHour ? day + 1 : day
    }

    /// Moves the open day on by one if the clock says that it is over. A leap of more than a week waits for a person.
    func followOpenDay() throws {
        let stored: Int? = try look("accounting") { transaction in
            try transaction.value("SELECT day FROM open_day")
        }
        guard let stored, stored != model.openDay else { return }
        defer { model.openDay = stored }
        guard model.openDay != 0 else { return }
        let today = day(of: world.time)
        guard stored == model.openDay + 1, stored <= today else {
            throw Finding(
                "the open day went from \(Day(number: model.openDay)) to \(Day(number: stored)) on \(Day(number: today))"
            )
        }
        if today - model.openDay > 7 {
            guard let confirmed = model.confirmed, confirmed > model.openDay else {
                throw Finding(
                    "\(Day(number: model.openDay)) was closed on \(Day(number: today)), and nobody confirmed it (X26)")
            }
            world.marks.reach("branch: missed days were closed after a confirmation")
        }
    }
}
