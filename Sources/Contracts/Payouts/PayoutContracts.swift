import Values
import Web

private let payoutField = Schema.Field("payout", .id, "The payout")
private let personField = Schema.Field("person", .id, "Who is paid; the event's key")
private let dayField = Schema.Field("day", .day, "The business day whose close asked for it")
private let sumField = Schema.Field("sum", .cents, "Always positive, whole cents")

extension PayoutPaid: Contract {
    package static let about = "The provider has paid; the money is on its way"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        payoutField, personField, dayField, sumField,
        Schema.Field("reference", .optional(.string), "The provider's own name for the payment"),
        Schema.Field("time", .instant, "When the provider's word was recorded"),
    ]
    package static var example: PayoutPaid {
        PayoutPaid(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), reference: "PAY-2231",
            time: Examples.time)
    }
}

extension PayoutFailed: Contract {
    package static let about = "The provider has said for certain that it did not pay"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        payoutField, personField, dayField, sumField,
        Schema.Field("attempt", .integer(1...Int64.max), "Which attempt it was, from 1"),
        Schema.Field("reason", .string, "In the provider's words"),
        Schema.Field("time", .instant, "When the provider's word was recorded"),
    ]
    package static var example: PayoutFailed {
        PayoutFailed(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17), attempt: 1,
            reason: "the account is closed", time: Examples.time)
    }
}

extension DestinationChanged: Contract {
    package static let about = "A person has said where their money is to go from now on"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("person", .id, "Whose money; the event's key"),
        Schema.Field("kind", .open(["account", "card"]), "What kind of number it is"),
        Schema.Field("tail", .string, "The last four of the number", isPersonal: true),
        Schema.Field("before", .optional(.string), "The last four of the one before", isPersonal: true),
        Schema.Field("fingerprint", .string, "A keyed fingerprint of the number, hexadecimal", isPersonal: true),
        Schema.Field("time", .instant, "When"),
    ]
    package static var example: DestinationChanged {
        DestinationChanged(
            person: Examples.emma, kind: "card", tail: "1111", before: "3000",
            fingerprint: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", time: Examples.time)
    }
}
