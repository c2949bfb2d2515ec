import Values
import Web

/// How sums get onto a page.
enum MoneyModel {
    /// The class that colours a sum.
    static func tone(_ cents: Cents) -> Model {
        cents < .zero ? "negative" : cents > .zero ? "positive" : ""
    }

    /// Only below zero is coloured: a balance is not praised.
    static func balance(_ cents: Cents, _ format: Format) -> Model {
        ["text": .text(format.money(cents)), "tone": cents < .zero ? "negative" : ""]
    }

    static func text(_ cents: Cents, _ format: Format) -> Model {
        .text(format.money(cents))
    }

    /// For a text's places: whose account a change is of, and how much it is.
    static func words(_ name: String, _ sum: Cents, _ call: Call) -> [String: String] {
        ["name": name, "sum": call.format.signed(sum), "currency": call.company.currency]
    }
}

extension Cents {
    /// - Throws: ``AmountOutOfRange``.
    func times(_ count: Int64) throws -> Cents {
        let (product, overflow) = amount.multipliedReportingOverflow(by: count)
        guard !overflow else { throw AmountOutOfRange() }
        return Cents(product)
    }
}
