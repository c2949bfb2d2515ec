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
