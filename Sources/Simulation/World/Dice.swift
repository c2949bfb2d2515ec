/// A stream of random numbers. Each part of a run has its own stream, all from one seed. So leaving one part out (a
/// kind of fault, a kind of action) does not change the others, which makes it possible to minimise a failing run.
struct Dice: Sendable {
    private var state: UInt64

    init(seed: UInt64, stream: UInt64) {
        state = seed &* 0xD120_0000_0000_0001 ^ stream &* 0xA24B_AED4_963E_E407
        for _ in 0..<3 { _ = next() }
    }

    /// Sebastiano Vigna's splitmix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 up to, but not including, `bound`; the bias of a remainder does not matter here.
    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// From 0 up to, but not including, 1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func pick<T>(_ list: [T]) -> T? {
        list.isEmpty ? nil : list[below(list.count)]
    }

    /// One of the choices, each with the probability of its weight.
    mutating func weighted<T>(_ choices: [(T, Double)]) -> T {
        var rest = unit() * choices.reduce(0) { $0 + $1.1 }
        for (choice, weight) in choices {
            rest -= weight
            if rest < 0 { return choice }
        }
        return choices[choices.count - 1].0
    }
}
