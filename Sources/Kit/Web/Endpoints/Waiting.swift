import Storage
import Values

/// The kind of number beside a navigation entry: how much waits for the reader.
package enum Waiting: Sendable {
    /// Ordinary work.
    case work
    /// A failure that persists until somebody takes care of it.
    case trouble

    /// More than these are shown as `99+`.
    package static let most = 99
}

extension Endpoint {
    /// The fragment for a navigation entry's ``NavigationItem/count``.
    ///
    /// - Parameters:
    ///   - about: a catalogue key, for readers with a screen reader: "open".
    ///   - topics: after a change of one of these topics it is counted again.
    ///   - run: counts up to ``Waiting/most`` plus one, no further.
    package static func count(
        _ path: String, access: Access, about: String, as waiting: Waiting = .work, topics: [String],
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Int
    ) -> Endpoint {
        .fragment(path, "How much waits, for the navigation", access: access) { call, transaction in
            let count = try run(call, transaction)
            return .fragment(
                "kit/count",
                [
                    "id": .text("count" + path.parts(at: "/").joined(separator: "-")),
                    "from": .text(path), "topics": .text(topics.joined(separator: " ")), "any": .flag(count > 0),
                    "isTrouble": .flag(waiting == .trouble), "about": .key(about),
                    "number": .text(count > Waiting.most ? "\(Waiting.most)+" : String(count)),
                ])
        }
    }
}
