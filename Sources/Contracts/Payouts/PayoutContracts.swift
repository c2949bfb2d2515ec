import Directory
import Messaging
import Schemas
import Values

extension PayoutPaid: Contract {
    package static let about = "The provider has paid; the money is on its way"
    package static let keyField = "person"
    package static let shape = Shape("PayoutPaid", PayoutPaid.init) {
        Field("payout", \.payout, "The payout")
        Field("person", \.person, "Who is paid; the event's key")
        Field("day", \.day, "The business day whose close asked for it")
        Field("sum", \.sum, "Always positive, whole cents")
        Field("reference", \.reference, "The provider's own name for the payment")
        Field("time", \.time, "When the provider's word was recorded")
    }
    package static var example: PayoutPaid {
        PayoutPaid(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), reference: "PAY-2231",
            time: Examples.time)
    }
}

extension PayoutFailed: Contract {
    package static let about = "The provider has said for certain that it did not pay"
    package static let keyField = "person"
    package static let shape = Shape("PayoutFailed", PayoutFailed.init) {
        Field("payout", \.payout, "The payout")
        Field("person", \.person, "Who is paid; the event's key")
        Field("day", \.day, "The business day whose close asked for it")
        Field("sum", \.sum, "Always positive, whole cents")
        Field("attempt", \.attempt, .integer(1...Int64.max), "Which attempt it was, from 1")
        Field("reason", \.reason, "In the provider's words")
        Field("time", \.time, "When the provider's word was recorded")
    }
    package static var example: PayoutFailed {
        PayoutFailed(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), attempt: 1,
            reason: "the account is closed", time: Examples.time)
    }
}

extension DestinationChanged: Contract {
    package static let about = "A person has said where their money is to go from now on"
    package static let keyField = "person"
    package static let shape = Shape("DestinationChanged", DestinationChanged.init) {
        Field("person", \.person, "Whose money; the event's key")
        Field("kind", \.kind, .open(["account", "card"]), "What kind of number it is")
        Field("tail", \.tail, "The last four of the number", isPersonal: true)
        Field("before", \.before, "The last four of the one before", isPersonal: true)
        Field("fingerprint", \.fingerprint, "A keyed fingerprint of the number, hexadecimal", isPersonal: true)
        Field("time", \.time, "When")
    }
    package static var example: DestinationChanged {
        DestinationChanged(
            person: Examples.emma, kind: "card", tail: "1111", before: "3000",
            fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", time: Examples.time)
    }
}

extension DestinationChanged: AuditedContract {
    package static let kinds: [String: AuditArea] = ["destination": .money]
    /// People set their own destinations only.
    package var audit: Audit? {
        var audit = Audit("destination", of: person, by: person)
        audit.before = before.map { "•••• " + $0 }
        audit.after = "•••• " + tail
        return audit
    }
}
