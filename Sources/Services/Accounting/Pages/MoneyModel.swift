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
}
