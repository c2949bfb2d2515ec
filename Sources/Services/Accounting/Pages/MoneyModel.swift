import Values
import Web

/// How sums are shown on pages.
enum MoneyModel {
    /// The class that colours a sum.
    static func tone(_ cents: Cents) -> Model {
        cents < .zero ? "negative" : cents > .zero ? "positive" : ""
    }

    /// Colours a balance only if it is below zero; a positive balance gets no colour.
    static func balance(_ cents: Cents, _ format: Format) -> Model {
        ["text": .text(format.money(cents)), "tone": cents < .zero ? "negative" : ""]
    }

    static func text(_ cents: Cents, _ format: Format) -> Model {
        .text(format.money(cents))
    }

    /// The values for a text: the owner of the changed account, and the sum.
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
