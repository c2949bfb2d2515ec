/// An amount of money in whole cents of the company's one currency (X20). It is never a floating-point number. Every
/// operation is checked: a result that does not fit throws instead of trapping.
package struct Cents: Hashable, Comparable, Sendable {
    package let amount: Int64

    package init(_ amount: Int64) {
        self.amount = amount
    }

    /// Whole units of the currency: `units(12)` is 1,200 cents.
    package static func units(_ units: Int64) -> Cents { Cents(units * 100) }
    package static let zero = Cents(0)

    package static func < (left: Cents, right: Cents) -> Bool {
        left.amount < right.amount
    }

    /// - Throws: ``AmountOutOfRange``.
    package func plus(_ other: Cents) throws -> Cents {
        let (sum, overflow) = amount.addingReportingOverflow(other.amount)
        guard !overflow else { throw AmountOutOfRange() }
        return Cents(sum)
    }

    /// - Throws: ``AmountOutOfRange``.
    package func minus(_ other: Cents) throws -> Cents {
        let (difference, overflow) = amount.subtractingReportingOverflow(other.amount)
        guard !overflow else { throw AmountOutOfRange() }
        return Cents(difference)
    }

    /// - Throws: ``AmountOutOfRange``.
    package func negated() throws -> Cents {
        try Cents.zero.minus(self)
    }

    /// So many percent of the amount, rounded once, half up (S47, S54): half a cent becomes the greater amount, also
    /// below zero, where 5 percent of -10 is 0 and not -1. So what takes a percentage back is the negated percentage,
    /// not the percentage of the negated amount.
    ///
    /// - Throws: ``AmountOutOfRange``.
    package func percent(_ percent: Int) throws -> Cents {
        let rounded = (Int128(amount) * Int128(percent) + 50).floored(by: 100)
        guard let amount = Int64(exactly: rounded) else { throw AmountOutOfRange() }
        return Cents(amount)
    }

    /// `-12.30`: a sign only if negative, always two decimals, a full stop, no grouping. For files and machines.
    package var plain: String {
        let magnitude = amount.magnitude
        let fraction = magnitude % 100
        return "\(amount < 0 ? "-" : "")\(magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// Reads `12`, `12.3`, `-12.30`; `nil` for anything else, such as more than two decimals.
    package init?(plain text: String) {
        let negative = text.begins(with: "-")
        let parts = text.unicodeScalars.dropFirst(negative ? 1 : 0).split(
            separator: ".", omittingEmptySubsequences: false
        ).map(String.init)
        guard parts.count <= 2, let whole = parts.first, (1...15).contains(whole.utf8.count),
            parts.joined().utf8.allSatisfy({ (0x30...0x39).contains($0) }), let units = Int64(whole)
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard (1...2).contains(parts[1].utf8.count), let value = Int64(parts[1]) else { return nil }
            fraction = parts[1].utf8.count == 1 ? value * 10 : value
        }
        let cents = units * 100 + fraction
        self.init(negative ? -cents : cents)
    }
}

extension Cents: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(amount)
    }
}
