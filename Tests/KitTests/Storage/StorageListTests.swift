import Storage
import Testing
import Values

/// What a list becomes in a statement. That databases answer it rightly is part of the storage conformance.
@Suite("Storage: lists in statements")
struct StorageListTests {
    private func statements(_ count: Int) -> [SQL] {
        SQL.parts(of: Array((0..<2_000).prefix(count))).map { "SELECT id FROM thing WHERE id IN (\(list: $0))" }
    }

    @Test("Lists of all lengths make four texts")
    func texts() {
        var texts: Set<String> = []
        for count in 0...1_100 { texts.formUnion(statements(count).map(\.text)) }
        #expect(texts.count == 4)
    }

    static let lengths: [(Int, [Int])] = [
        (0, []), (1, [1]), (2, [16]), (16, [16]), (17, [128]), (128, [128]), (129, [512]), (512, [512]),
        (513, [512, 1]), (1_030, [512, 512, 16]),
    ]

    @Test("A list is cut into parts of at most 512, and each is filled up", arguments: StorageListTests.lengths)
    func parts(count: Int, places: [Int]) {
        let statements = self.statements(count)
        #expect(statements.map(\.values.count) == places)
        for statement in statements {
            #expect(statement.text.utf8.filter { $0 == UInt8(ascii: "?") }.count == statement.values.count)
        }
    }

    @Test("Every element is bound in its order, and only a part's last one again")
    func elements() {
        for count in [1, 2, 17, 513, 1_030] {
            var bound: [Value] = []
            for value in statements(count).flatMap(\.values) where value != bound.last { bound.append(value) }
            #expect(bound == (0..<count).map(\.stored))
        }
    }

    @Test("What is bound before a list and after it keeps its place")
    func beside() {
        let (amount, note) = (1, "n")
        let statements: [SQL] = SQL.parts(of: ["a", "b"]).map {
            "SELECT id FROM thing WHERE amount = \(amount) AND name IN (\(list: $0)) AND note = \(note)"
        }
        let texts = ["a"] + Array(repeating: "b", count: 15)
        let bound: [Value] = [.integer(1)] + texts.map(\.stored) + [.text("n")]
        #expect(statements.map(\.values) == [bound])
    }
}
