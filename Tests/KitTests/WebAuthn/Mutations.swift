import TestKit

/// Changes bytes as a careless or hostile sender would: the same changes for the same seed.
struct Mutations {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(bound, 1), using: &generator) }

    mutating func changed(_ bytes: [UInt8], times: Int = 1) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<times { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(UInt8(below(256))) }
        let at = below(bytes.count)
        switch below(7) {
        case 0: bytes[at] ^= 1 << UInt8(below(8))
        case 1: bytes[at] = UInt8(below(256))
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(8)))
        case 3: bytes.removeSubrange(at...)
        case 4: bytes.insert(contentsOf: (0..<1 + below(4)).map { _ in UInt8(below(256)) }, at: at)
        case 5: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + below(40))], at: at)
        default: bytes[at] = [0x00, 0x7F, 0x80, 0xFF, 0x1B, 0x5B, 0x9B, 0xBB][below(8)]
        }
    }
}
