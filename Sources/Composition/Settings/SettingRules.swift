import Foundation
import Logging
import Values

/// What a setting may be, one rule each: for the files and flags that hold it, and for the answers that `init` is given.
/// Each gives the value that is meant.
enum SettingRules {
    static func company(_ text: String) throws -> String {
        do {
            return try PersonName.checked(text)
        } catch {
            throw Failure(
                .configuration, "company must have 1 to \(PersonName.longest) characters, all of which are seen")
        }
    }

    static func currency(_ text: String) throws -> String {
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw Failure(.configuration, "currency must be three capital letters, such as EUR")
        }
        return text
    }

    static func zone(_ text: String) throws -> String {
        guard BusinessCalendar(zone: text, closingHour: 0) != nil else {
            throw Failure(.configuration, "time-zone must be an IANA zone such as Europe/Berlin")
        }
        return text
    }

    static func closingHour(_ text: String) throws -> Int {
        guard let hour = whole(text, 0...23) else {
            throw Failure(.configuration, "closing-hour must be an hour from 0 to 23")
        }
        return hour
    }

    /// Without a slash at its end.
    static func publicAddress(_ text: String) throws -> String {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else { throw Failure(.configuration, "public-address must be like https://popug.example.com") }
        return text.utf8.last == UInt8(ascii: "/") ? String(text.dropLast()) : text
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, `popug.internal:8080`.
    static func listen(_ text: String) throws -> (host: String, port: Int) {
        let wrong = Failure(.configuration, "listen must be like 127.0.0.1:8080 or [::1]:8080")
        var pieces = text.parts(at: ":")
        guard pieces.count > 1, let last = pieces.popLast(), let port = whole(last, 0...65_535) else { throw wrong }
        let place = pieces.joined(separator: ":")
        let isBracketed = place.begins(with: "[") && place.utf8.last == UInt8(ascii: "]")
        let host = isBracketed ? String(place.dropFirst().dropLast()) : place
        let isName = !host.isEmpty && !host.unicodeScalars.contains { " /[]:".unicodeScalars.contains($0) }
        guard host.has(":") ? NetworkAddress(host) != nil : isName && !isBracketed else { throw wrong }
        return (host, port)
    }

    /// As it stands in an address: `[::1]:8080`.
    static func authority(_ host: String, _ port: Int) -> String {
        host.has(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// A range of whole units, written `10-20`.
    static func range(_ text: String, of name: String) throws -> ClosedRange<Int64> {
        let ends = text.parts(at: "-").map { whole($0, 1...1_000_000) }
        guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else {
            throw Failure(.configuration, "\(name) must be a range of whole units such as 10-20")
        }
        return Int64(low)...Int64(high)
    }

    static func logLevel(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.configuration, "log-level must be one of \(known)")
        }
        return level
    }

    /// A number in digits alone: with no sign and no space.
    static func whole(_ text: String, _ range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else { return nil }
        return number
    }
}
