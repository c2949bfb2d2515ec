import Crypto
import Values

/// What an envelope says about the personal fields in its data. They enter the event's code (``EventCodes``) as salted
/// digests, so that they can be erased later and the code stays valid. After erasure, the digests are stored here and
/// the salt is gone. Without the salt nobody can find out by guessing whose data it was.
///
/// An event itself says which of its fields are personal, so that a service that does not know its type can check it
/// too.
struct PersonalFields {
    enum State {
        /// The fields are as they were written.
        case salted([UInt8])
        /// The fields are empty. `proof` is a code; it proves that someone with the secret erased them.
        case erased(digests: [UInt8], proof: EventCode)
    }

    /// Where the fields are: `person.name`, `photos[].text`.
    let paths: [String]
    let state: State

    private static let saltSize = 16
    static let digestSize = 16

    /// In an envelope without personal fields.
    static let none = ""

    /// The form in an envelope: `person.email person.name salt 0a0b…`, or `… erased` with the digests and the proof.
    var text: String {
        switch state {
        case .salted(let salt): written("salt", salt)
        case .erased(let digests, let proof): written("erased", digests + proof.bytes)
        }
    }

    private func written(_ word: String, _ bytes: [UInt8]) -> String {
        (paths + [word, Hexadecimal.text(bytes)]).joined(separator: " ")
    }

    init(paths: [String], state: State) {
        self.paths = paths
        self.state = state
    }

    init(paths: [String], random: () -> UInt64) {
        var salt: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: random()) { salt.append(contentsOf: $0) } }
        self.init(paths: paths, state: .salted(salt))
    }

    /// `nil` if the text does not have this form.
    init?(text: String) {
        let words = text.parts(at: " ")
        guard words.count > 2, !words.contains(""), let bytes = Hexadecimal.bytes(words[words.count - 1]) else {
            return nil
        }
        paths = Array(words.dropLast(2))
        switch words[words.count - 2] {
        case "salt" where bytes.count == Self.saltSize: state = .salted(bytes)
        case "erased" where bytes.count % Self.digestSize == 0:
            guard let proof = EventCode(bytes: Array(bytes.suffix(EventCode.size))) else { return nil }
            state = .erased(digests: bytes.dropLast(EventCode.size), proof: proof)
        default: return nil
        }
    }

    /// The data without its personal fields, and the digests of the fields in their order. `nil` if the data is not a
    /// JSON object, or if it is marked as erased but is not.
    func masked(_ data: [UInt8]) -> (data: [UInt8], digests: [UInt8])? {
        guard let places = try? PersonalFields.places(of: paths, in: data) else { return nil }
        var rest: [UInt8] = []
        rest.reserveCapacity(data.count)
        var end = 0
        var digests: [UInt8] = []
        for place in places {
            rest += data[end..<place.range.lowerBound]
            end = place.range.upperBound
            switch state {
            case .salted(let salt):
                let value = Array(paths[place.path].utf8) + [0] + data[place.range]
                digests += HMAC<SHA256>.authenticationCode(for: value, using: SymmetricKey(data: salt))
                    .prefix(Self.digestSize)
            case .erased:
                guard Self.isEmpty(data[place.range]) else { return nil }
            }
        }
        rest += data[end...]
        if case .erased(let known, _) = state {
            guard known.count == places.count * Self.digestSize else { return nil }
            digests = known
        }
        return (rest, digests)
    }

    /// The data with its personal fields emptied.
    func erased(_ data: [UInt8]) throws -> [UInt8] {
        var left = data
        for place in try PersonalFields.places(of: paths, in: data).reversed() where !Self.isEmpty(data[place.range]) {
            left.replaceSubrange(place.range, with: Self.empty)
        }
        return left
    }

    private static let empty = Array("\"\"".utf8)

    private static func isEmpty(_ value: ArraySlice<UInt8>) -> Bool {
        value.elementsEqual(empty) || value.elementsEqual("null".utf8)
    }

    /// The positions of the fields, in order.
    private static func places(of paths: [String], in data: [UInt8]) throws -> [(path: Int, range: Range<Int>)] {
        var found: [(path: Int, range: Range<Int>)] = []
        func visit(_ path: String, _ scanner: inout JSONScanner) throws {
            if let index = paths.firstIndex(of: path) {
                found.append((index, try scanner.value()))
            } else if scanner.next() == UInt8(ascii: "{"), paths.contains(where: { $0.hasPrefix(path + ".") }) {
                try members(path + ".", &scanner)
            } else if scanner.next() == UInt8(ascii: "["), paths.contains(where: { $0.hasPrefix(path + "[]") }) {
                try scanner.list { try visit(path + "[]", &$0) }
            } else {
                _ = try scanner.value()
            }
        }
        func members(_ prefix: String, _ scanner: inout JSONScanner) throws {
            try scanner.object { name, scanner in
                try visit(prefix + String(decoding: scanner.bytes[name], as: UTF8.self), &scanner)
            }
        }
        var scanner = JSONScanner(data)
        try members("", &scanner)
        return found
    }
}
