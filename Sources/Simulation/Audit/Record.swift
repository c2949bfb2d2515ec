import Foundation
import Storage
import Values

/// A record of what a run does: every statement with its values and result, every call and answer. It is kept as a hash
/// and, if asked for, line by line in a file, so that two runs that should be the same can be compared.
struct Record {
    let isKept: Bool
    private var digest = RunDigest()
    private var file: FileHandle?
    private var lines: [UInt8] = []

    /// - Parameter path: the file for the lines; an existing file is overwritten.
    init(digests: Bool, path: String?) throws {
        isKept = digests || path != nil
        guard let path else { return }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Finding("nothing can be written to \(path)") }
        file = handle
    }

    var hash: UInt64 { digest.value }

    mutating func add(_ text: String, _ values: [Value] = []) {
        guard isKept else { return }
        digest.add(text)
        for value in values {
            switch value {
            case .null: digest.add(byte: 0)
            case .integer(let number): digest.add(number)
            case .text(let text): digest.add(text)
            case .blob(let bytes): digest.add(bytes)
            case .id(let id): digest.add(id.bytes)
            }
        }
        guard file != nil else { return }
        let line = text.replacing("\n", with: " ") + values.map { " | " + Record.shown($0) }.joined()
        lines += Array(line.utf8) + [0x0A]
        if lines.count > 1 << 20 { flush() }
    }

    /// Writes what is not written yet.
    mutating func flush() {
        try? file?.write(contentsOf: lines)
        lines = []
    }

    private static func shown(_ value: Value) -> String {
        switch value {
        case .null: "-"
        case .integer(let number): "\(number)"
        case .id(let id): "\(id)"
        case .text(let text): "'\(text.replacing("\n", with: " "))'"
        case .blob(let bytes):
            if bytes.first == 0x7B {
                String(decoding: bytes, as: UTF8.self)
            } else {
                bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
            }
        }
    }
}

/// A running hash (FNV-1a, 64 bits) over everything that a run does: equal runs have equal digests.
struct RunDigest: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    mutating func add(_ number: Int64) {
        var rest = UInt64(bitPattern: number)
        for _ in 0..<8 {
            add(byte: UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xFF)
    }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { add(byte: byte) }
        add(byte: 0xFE)
    }
}
