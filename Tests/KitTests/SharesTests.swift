import TestKit
import Testing
import Values

@Suite("Percentages and shares")
struct SharesTests {
    // MARK: Percentages

    @Test(
        "S47, S54: a percentage is rounded once, half up",
        arguments: [
            // Discounts of invoices.
            (30_000, 5, 1500), (3333, 5, 167), (6666, 5, 333), (9999, 12, 1200), (30_000, 0, 0),
            // A worker's pay.
            (10_000, 60, 6000), (3333, 60, 2000), (1, 60, 1), (0, 60, 0),
            // Below, at and above half a cent.
            (49, 1, 0), (50, 1, 1), (51, 1, 1), (149, 1, 1), (150, 1, 2), (30, 5, 2), (7, 100, 7), (7, 250, 18),
        ] as [(Int64, Int, Int64)])
    func percent(amount: Int64, percent: Int, expected: Int64) throws {
        #expect(try Cents(amount).percent(percent) == Cents(expected))
    }

    @Test(
        "S47: below zero half a cent becomes the greater amount too",
        arguments: [(-49, 1, 0), (-50, 1, 0), (-51, 1, -1), (-150, 1, -1), (-151, 1, -2), (-3333, 5, -167)]
            as [(Int64, Int, Int64)])
    func negative(amount: Int64, percent: Int, expected: Int64) throws {
        #expect(try Cents(amount).percent(percent) == Cents(expected))
        #expect(try Cents(-amount).percent(-percent) == Cents(expected))
    }

    @Test("X20: a percentage that does not fit is refused; one that fits is exact, however large its amount is")
    func range() throws {
        #expect(try Cents(.max).percent(100) == Cents(.max))
        #expect(try Cents(.min).percent(100) == Cents(.min))
        #expect(try Cents(.max).percent(60) == Cents(5_534_023_222_112_865_484))
        #expect(try Cents(.min).percent(0) == .zero)
        #expect(throws: AmountOutOfRange.self) { try Cents(.max).percent(101) }
        #expect(throws: AmountOutOfRange.self) { try Cents(.min).percent(101) }
        #expect(throws: AmountOutOfRange.self) { try Cents(.min).percent(-100) }
        #expect(throws: AmountOutOfRange.self) { try Cents(.min).percent(.min) }
    }

    @Test("S47: a percentage is at most half a cent from the exact one, and never half a cent below it")
    func nearest() throws {
        var generator = SplitMix64(seed: 47)
        for _ in 0..<20_000 {
            let amount = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
            let percent = Int.random(in: -200...200, using: &generator)
            let above = try Cents(amount).percent(percent).amount * 100 - amount * Int64(percent)
            #expect(above > -50 && above <= 50, "\(percent) % of \(amount)")
        }
    }

    // MARK: Shares

    private func shares(_ amount: Int64, _ weights: [Int64]) throws -> [Int64] {
        try Cents(amount).shares(by: weights.map { Cents($0) }).map(\.amount)
    }

    @Test("S47: an invoice's discount is shared by its lines; of equal lines the earlier gets the cent")
    func lines() throws {
        #expect(try shares(1500, [10_000, 10_000, 10_000]) == [500, 500, 500])
        #expect(try shares(333, [3333, 3333]) == [167, 166])
        #expect(try shares(1200, [3333, 3333, 3333]) == [400, 400, 400])
        #expect(try shares(167, [3333]) == [167])
        // What is taken back is what was given.
        #expect(try shares(-333, [3333, 3333]) == [-167, -166])
    }

    @Test("S62: a pool is shared by stakes; the largest fractions get the cents, the earlier bet of equal ones")
    func pool() throws {
        #expect(try shares(100, [1, 1, 1]) == [34, 33, 33])
        #expect(try shares(200, [1, 1, 1]) == [67, 67, 66])
        // 14.29, 28.57, 57.14: the second has the largest fraction.
        #expect(try shares(100, [1, 2, 4]) == [14, 29, 57])
        // 0.5 and 1.5: equal fractions, and so the order decides.
        #expect(try shares(2, [1, 3]) == [1, 1])
        #expect(try shares(2, [3, 1]) == [2, 0])
        // More parts than cents.
        #expect(try shares(2, [5, 5, 5, 5]) == [1, 1, 0, 0])
        #expect(try shares(0, [5, 7]) == [0, 0])
        #expect(try shares(10, [0, 1, 0, 2]) == [0, 3, 0, 7])
    }

    @Test("S62: by weights below zero, or none above it, only nothing is shared")
    func wrong() throws {
        for weights in [[], [0], [0, 0, 0], [3, -1], [-1]] as [[Int64]] {
            #expect(throws: WrongWeights.self, "\(weights)") { try self.shares(1, weights) }
            #expect(throws: WrongWeights.self, "\(weights)") { try self.shares(-1, weights) }
        }
        #expect(throws: WrongWeights.self) { try self.shares(0, [3, -1]) }
        #expect(try shares(0, [0, 0]) == [0, 0])
        #expect(try shares(0, []).isEmpty)
    }

    @Test("X20: the largest amounts are shared by the largest weights without a loss")
    func largest() throws {
        #expect(try shares(.max, [.max, .max, .max]).reduce(0, +) == .max)
        #expect(try shares(.max, [.max, 0, .max]) == [Int64.max / 2 + 1, 0, Int64.max / 2])
        #expect(try shares(.min, [.max, .max]) == [Int64.min / 2, Int64.min / 2])
        #expect(try shares(.min, [7]) == [.min])
        #expect(try shares(.min, [.max, 1]).reduce(0, +) == .min)
    }

    /// An amount and weights, among them zeros, equal ones, tiny and huge ones.
    private struct Sample {
        let amount: Int64
        let weights: [Int64]

        init(_ generator: inout SplitMix64) {
            let amounts: [Int64] = [1, 3, 100, 1_000_000, .max]
            let bounds: [Int64] = [2, 10, 10_000, .max]
            let most = amounts[Int.random(in: amounts.indices, using: &generator)]
            let bound = bounds[Int.random(in: bounds.indices, using: &generator)]
            amount = Int64.random(in: 0...most, using: &generator)
            let count = Int.random(in: 1...30, using: &generator)
            var weights: [Int64] = []
            for _ in 0..<count { weights.append(Int64.random(in: 0...bound, using: &generator)) }
            weights[Int.random(in: 0..<count, using: &generator)] = Int64.random(in: 1...bound, using: &generator)
            self.weights = weights
        }

        /// What is due to a part without the fraction, and the fraction in parts of all weights together.
        func exact(_ index: Int) -> (cents: Int64, fraction: Int128) {
            let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
            let due = (Int128(amount) * Int128(weights[index])).quotientAndRemainder(dividingBy: total)
            return (Int64(due.quotient), due.remainder)
        }
    }

    @Test("S47, S62: shares add up, are less than a cent from what is due, and follow weights and fractions")
    func properties() throws {
        var generator = SplitMix64(seed: 62)
        for _ in 0..<2000 {
            let sample = Sample(&generator)
            let shares = try self.shares(sample.amount, sample.weights)
            let exact = sample.weights.indices.map(sample.exact)
            #expect(shares.count == sample.weights.count)
            #expect(shares.reduce(0, +) == sample.amount, "\(sample)")
            for index in shares.indices {
                let more = shares[index] - exact[index].cents
                #expect(more == 0 || more == 1 && exact[index].fraction > 0, "\(sample)")
            }
            for left in shares.indices {
                for right in shares.indices where left != right {
                    let leftMore = shares[left] - exact[left].cents
                    let rightMore = shares[right] - exact[right].cents
                    let isFirst =
                        exact[left].fraction > exact[right].fraction
                        || exact[left].fraction == exact[right].fraction && left < right
                    guard !isFirst || leftMore >= rightMore,
                        sample.weights[left] <= sample.weights[right] || shares[left] >= shares[right]
                    else {
                        Issue.record("\(sample): \(left) and \(right)")
                        return
                    }
                }
            }
            #expect(try self.shares(-sample.amount, sample.weights) == shares.map { -$0 }, "\(sample)")
        }
    }

    @Test("S47, S62: another order of the parts changes only who is earlier among equal fractions")
    func orders() throws {
        var generator = SplitMix64(seed: 63)
        for _ in 0..<2000 {
            let sample = Sample(&generator)
            let order = Array(sample.weights.indices).shuffled(using: &generator)
            let shares = try self.shares(sample.amount, sample.weights)
            let others = try self.shares(sample.amount, order.map { sample.weights[$0] })
            for (place, index) in order.enumerated() where others[place] != shares[index] {
                let fraction = sample.exact(index).fraction
                let same = sample.weights.indices.filter { sample.exact($0).fraction == fraction }
                #expect(same.count > 1, "\(sample) as \(order)")
            }
        }
    }
}
