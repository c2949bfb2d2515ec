import Storage
import Values

/// How much waits for somebody, beside an entry of the navigation.
package enum Waiting: Sendable {
    /// Work to do, like any other day.
    case work
    /// Something that goes on badly until somebody sees to it.
    case trouble

    /// More than these are shown as `99+`.
    package static let most = 99
}

extension Endpoint {
    /// The fragment that an entry of the navigation names as its ``NavigationItem/count``.
    ///
    /// - Parameters:
    ///   - about: a catalogue key, for those who hear the page: "open".
    ///   - topics: what it is counted again after.
    ///   - run: counts no further than ``Waiting/most`` and one more.
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
                    "topics": .text(topics.joined(separator: " ")), "any": .flag(count > 0),
                    "isTrouble": .flag(waiting == .trouble), "about": .key(about),
                    "number": .text(count > Waiting.most ? "\(Waiting.most)+" : String(count)),
                ])
        }
    }
}
