/// Weights by which nothing can be shared: one is below zero, or none is above it.
package struct WrongWeights: Error, CustomStringConvertible {
    package init() {}
    package var description: String { "by these weights nothing can be shared" }
}

extension Cents {
    /// The amount shared in proportion to the weights, to the cent, by largest remainder (S47, S62): a share for each
    /// weight, in their order. The shares add up to the amount. Each is what is exactly due without the fraction, or a
    /// cent more. The cents that are left by the fractions go to the largest of these; of equal ones, to the earlier.
    ///
    /// A weight of zero gets nothing. An amount below zero is shared as the amount above zero is, with the sign turned:
    /// so what was shared is taken back to the cent. Another order of the weights changes only who is the earlier among
    /// equal fractions.
    ///
    /// - Throws: ``WrongWeights``, except that zero is shared by weights of zero, or by none.
    package func shares(by weights: [Cents]) throws -> [Cents] {
        // None of this leaves 128 bits: a product of two amounts has at most 127, and so has a sum of amounts.
        let total = weights.reduce(Int128(0)) { $0 + Int128($1.amount) }
        guard weights.allSatisfy({ $0 >= .zero }), total > 0 || self == .zero else { throw WrongWeights() }
        guard total > 0 else { return weights.map { _ in .zero } }
        let sign: Int128 = self < .zero ? -1 : 1
        let whole = Int128(amount) * sign
        let exact = weights.map { (whole * Int128($0.amount)).quotientAndRemainder(dividingBy: total) }
        var shares = exact.map(\.quotient)
        let left = Int(whole - shares.reduce(0, +))
        let byFraction = exact.indices.sorted {
            (exact[$1].remainder, $0) < (exact[$0].remainder, $1)
        }
        // Fewer cents are left than there are fractions above zero.
        for index in byFraction.prefix(left) { shares[index] += 1 }
        // No share is further from zero than the amount.
        return shares.map { Cents(Int64(sign * $0)) }
    }
}
