extension [UInt8] {
    /// The first occurrence of `pattern` at or after `start`; `nil` if there is none. The standard library's search
    /// works for elements of any kind and takes fifty times as long; `verify` searches every event with this one.
    package func place(of pattern: [UInt8], from start: Int = 0) -> Range<Int>? {
        guard let first = pattern.first else { return nil }
        return withUnsafeBufferPointer { bytes in
            var at = start
            while at + pattern.count <= bytes.count {
                if bytes[at] == first, bytes[at..<at + pattern.count].elementsEqual(pattern) {
                    return at..<at + pattern.count
                }
                at += 1
            }
            return nil
        }
    }

    /// Compares in constant time, so that the time does not tell where the two differ: for codes and tokens.
    package func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        // Swift gives `|` and `^` the same precedence: without parentheses, later bytes wipe out what differed before.
        return zip(self, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension String {
    /// Compares in constant time, so that the time does not tell where the two differ: for codes and tokens.
    package func isSame(as other: String) -> Bool { Array(utf8).isSame(as: Array(other.utf8)) }
}
